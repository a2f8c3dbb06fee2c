internal import RefluxJSON
internal import RefluxPipeline

/// One row of `feed`.
struct PipelineSubject {
  /// What batches hold.
  enum Payload: String { case tokens, samples }

  /// Tokens of every batch.
  static let batchTokens = 1 << 15

  let payload: Payload
  let encoding: StoreForm.Encoding
  let order: FeedConfiguration.Order
  let window: Int
  let threads: Int
  let isCold: Bool

  /// Every combination that is measured: the cold page cache and block-local order with windows of
  /// 2,048 and one thread alone.
  static func all(_ configuration: PipelineBenchmark.Configuration) -> [PipelineSubject] {
    var subjects: [PipelineSubject] = []
    let forms: [(Payload, StoreForm.Encoding)] = [
      (.tokens, .plain), (.samples, .plain), (.samples, .packed),
    ]
    for (payload, encoding) in forms {
      for window in configuration.windows {
        for order in FeedConfiguration.Order.allCases {
          if order == .local, window != 2048 { continue }
          for threads in configuration.threads {
            subjects.append(
              PipelineSubject(
                payload: payload, encoding: encoding, order: order, window: window,
                threads: threads, isCold: false))
            guard window == 2048, threads == 1 else { continue }
            subjects.append(
              PipelineSubject(
                payload: payload, encoding: encoding, order: order, window: window,
                threads: threads, isCold: true))
          }
        }
      }
    }
    return subjects
  }

  /// What a progress line says of it.
  var announcement: String {
    "feed: \(payload), \(encoding), \(order), windows of \(window), \(threads) threads"
      + (isCold ? ", cold" : "")
  }

  /// What its row says about it.
  func parameters(_ configuration: PipelineBenchmark.Configuration) -> JSONObject {
    [
      "payload": .string(payload.rawValue), "encoding": .string(encoding.rawValue),
      "order": .string(order.rawValue), "window": .integer(window),
      "page_cache": .string(isCold ? "cold" : "warm"),
      "batch": .integer(max(1, Self.batchTokens / window)),
      "cache_bytes": .integer(configuration.cacheBytes),
    ]
  }

  /// The feed's configuration.
  func feed(_ configuration: PipelineBenchmark.Configuration) -> FeedConfiguration {
    var feed = FeedConfiguration(
      batch: max(1, Self.batchTokens / window), window: window, seed: configuration.seed,
      order: order, lanes: threads, slots: 2 + threads)
    // The same sets for every window: what the teacher saw does not matter here.
    feed.allowsOtherWindows = true
    feed.cacheBytes = configuration.cacheBytes
    return feed
  }
}
