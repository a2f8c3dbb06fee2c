public import RefluxTargets

/// The optional fields beside the sets.
extension SampleReader {
  /// From now on ``read`` takes these too, for ``copyScalar(_:into:at:)``; none at first. Whether
  /// they are finite is left to `verify`, as what sets hold.
  ///
  /// - Parameter scalars: fields that the store keeps; traps for others.
  public func take(_ scalars: [TargetScalar]) {
    let fields = scalars.map { scalar in
      guard let field = header.extras.firstIndex(of: scalar) else {
        preconditionFailure("a scalar that the store does not keep")
      }
      return field
    }
    taking = (scalars, fields)
  }

  /// Copies a scalar of the records of the last ``read``, in their order.
  ///
  /// - Parameters:
  ///   - scalar: one that is taken; traps for others.
  ///   - target: room for as many from `start` on.
  ///   - start: where the first one goes.
  public func copyScalar(
    _ scalar: TargetScalar, into target: inout MutableSpan<Float>, at start: Int
  ) {
    guard let column = taking.scalars.firstIndex(of: scalar) else {
      preconditionFailure("a scalar that is not taken")
    }
    let width = taking.fields.count
    for record in 0..<taken.count / width {
      target[start + record] = taken[record * width + column]
    }
  }

  var takesScalars: Bool { !taking.fields.isEmpty }

  /// Keeps the fields of some sets of a decoded block.
  func take(_ sets: Range<Int>, of block: borrowing SampleBlock) {
    if !takesScalars { return }
    for set in sets {
      let first = block.extraRange(set).lowerBound
      for field in taking.fields { taken.append(Float(bitPattern: block.extras[first + field])) }
    }
  }
}
