public import RefluxMemory
public import RefluxModel
internal import RefluxSampling

extension Capture {
  /// What a capture takes at its peak, the teacher included, before any of it is taken.
  ///
  /// - Parameters:
  ///   - teacher: the sizes of the model.
  ///   - precision: the teacher's.
  ///   - workers: the team that is going to run it.
  /// - Throws: what the capture itself would throw.
  public static func memory(
    _ configuration: CaptureConfiguration, teacher: DecoderConfiguration, precision: Precision,
    workers: Workers
  ) throws(CaptureError) -> MemoryNeed {
    let (weights, model): (MemoryNeed, any LanguageModel)
    do {
      (weights, model) = try teacher.measureModel(
        window: configuration.context, precision: precision, workers: workers)
    } catch { throw .model(error) }
    let (batch, context) = (configuration.batch, configuration.context)
    let run = try Arena.measure { () throws(CaptureError) in
      _ = model.makeForwardPass(windows: batch, window: context)
      do throws(SamplingError) {
        let drawing = try CaptureDrawing(
          configuration, vocabularySize: teacher.vocabularySize, ids: teacher.vocabularySize,
          workers: workers)
        for _ in 0..<2 {
          _ = CaptureSets(
            records: batch * context, capacity: drawing.capacity, isWeighted: drawing.isWeighted,
            extras: configuration.extras)
        }
      } catch { throw .sampling(error) }
    }
    return weights + run
  }
}
