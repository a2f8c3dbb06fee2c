internal import RefluxJSON

extension DecoderConfiguration {
  /// The sliding window of a config.json, and the layers that have it.
  static func slidingWindow(
    _ family: ModelFamily, layers: Int, _ reader: inout ConfigurationReader
  ) throws(ModelError) -> SlidingWindow? {
    if family == .llama || family == .gpt2 { return nil }
    var isOn = !reader.isNull("sliding_window")
    let size = try reader.whole("sliding_window") ?? 4096
    if family == .mistral { return isOn ? SlidingWindow(size: size) : nil }

    let indices = 0..<min(max(layers, 0), 1024)
    var usual = indices.map { $0 % 2 == 0 }
    if family != .gemma2 {
      let first = try reader.whole("max_window_layers") ?? 28
      isOn = try reader.flag("use_sliding_window") ?? false && isOn
      usual = indices.map { $0 >= first }
    }
    let named = try kinds(layers: layers, isOn: isOn, &reader)
    let sliding = named ?? (isOn ? usual : [])
    return sliding.contains(true) ? SlidingWindow(size: size, layers: sliding) : nil
  }

  /// Which layers `layer_types` calls sliding; nil where it is missing.
  private static func kinds(
    layers: Int, isOn: Bool, _ reader: inout ConfigurationReader
  ) throws(ModelError) -> [Bool]? {
    guard let kinds = try reader.texts("layer_types") else { return nil }
    let allowed = isOn ? ["full_attention", "sliding_attention"] : ["full_attention"]
    if kinds.count != layers || !kinds.allSatisfy(allowed.contains) {
      throw .configuration(
        field: "layer_types", found: kinds.joined(separator: ", "),
        expected: "\(layers) of \(allowed.joined(separator: " or "))")
    }
    return kinds.map { $0 == "sliding_attention" }
  }

  /// The keys of config.json that say the same.
  var windowMembers: [String: JSONValue] {
    let size = slidingWindow.map { JSONValue.integer($0.size) } ?? .null
    if family == .llama { return [:] }
    if family == .mistral { return ["sliding_window": size] }
    let sliding = (0..<layers).map { window(ofLayer: $0) != nil }
    let kinds = sliding.map { JSONValue.string($0 ? "sliding_attention" : "full_attention") }
    if family == .gemma2 { return ["sliding_window": size, "layer_types": .array(kinds)] }
    guard slidingWindow != nil else { return ["use_sliding_window": .bool(false)] }
    return [
      "use_sliding_window": .bool(true), "sliding_window": size, "layer_types": .array(kinds),
      "max_window_layers": .integer(sliding.firstIndex(of: true) ?? layers),
    ]
  }
}
