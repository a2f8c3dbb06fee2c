internal import RefluxRandom

/// CutMix: a box of one image pasted into another, as candidates for a teacher to be asked about.
///
/// Source: Yun et al., "CutMix", ICCV 2019; as candidates, Wang et al., "What Makes a 'Good' Data
/// Augmentation in Knowledge Distillation", NeurIPS 2022. One box and one order of partners stand
/// for all images of a run.
public struct CutMix: Sendable, Equatable {
  /// The share of the image that the box is meant to leave, uniform in 0..<1.
  public let lambda: Double
  /// What is pasted.
  public let box: Box
  /// The image from which each image gets its box; never itself.
  public let partners: [Int]

  /// Pixels of an image: columns `left`..<`right` of rows `top`..<`bottom`.
  public struct Box: Sendable, Equatable {
    /// Its sides.
    public var left, top, right, bottom: Int

    /// A box; nothing is checked.
    public init(left: Int, top: Int, right: Int, bottom: Int) {
      (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
    }

    /// Pixels of the box.
    public var area: Int { (right - left) * (bottom - top) }

    /// lambda' = 1 - area / (H W): what the box really leaves, 0 to 1.
    public func keptShare(height: Int, width: Int) -> Double {
      1 - Double(area) / (Double(height) * Double(width))
    }
  }

  /// Draws a run.
  ///
  /// - Parameters:
  ///   - count: images, 2 or more.
  ///   - height: rows of an image, 1 or more.
  ///   - width: columns of an image, 1 or more.
  ///   - seed: of all runs.
  ///   - run: the number of the run, whose draws depend on nothing else.
  /// - Complexity: O(count) time and memory.
  public init(count: Int, height: Int, width: Int, seed: UInt64, run: Int) {
    var stream = RandomStream(seed: seed, stream: Self.stream &+ UInt64(run))
    lambda = stream.nextUniform()
    let center = (
      x: Int(stream.nextUniform() * Double(width)), y: Int(stream.nextUniform() * Double(height))
    )
    box = Self.box(height: height, width: width, lambda: lambda, center: center)
    partners = Derangement.draw(count: count, from: &stream)
  }

  /// "CutMix" and the number of the run: frozen.
  private static let stream: UInt64 = 0x4375_744D_6978_0000

  /// The box around a centre whose sides are sqrt(1 - lambda) of the image's, rounded down; what
  /// would stick out is cut off.
  ///
  /// - Parameters:
  ///   - height: rows of the image, 1 or more.
  ///   - width: columns of the image, 1 or more.
  ///   - lambda: the share to leave, 0 to 1.
  ///   - center: a pixel of the image.
  public static func box(
    height: Int, width: Int, lambda: Double, center: (x: Int, y: Int)
  ) -> Box {
    let ratio = (1 - lambda).squareRoot()
    let (across, down) = (Int(Double(width) * ratio), Int(Double(height) * ratio))
    func clipped(_ value: Int, _ limit: Int) -> Int { min(max(value, 0), limit) }
    return Box(
      left: clipped(center.x - across / 2, width), top: clipped(center.y - down / 2, height),
      right: clipped(center.x + across / 2, width), bottom: clipped(center.y + down / 2, height))
  }

  /// Pastes a box of one image into another.
  ///
  /// - Parameters:
  ///   - image: channels x rows x columns, as many as the partner has.
  ///   - partner: where the box comes from.
  ///   - box: of both images.
  ///   - height: rows of both.
  ///   - width: columns of both.
  public static func mix<Pixel>(
    _ image: inout [Pixel], with partner: [Pixel], box: Box, height: Int, width: Int
  ) {
    precondition(image.count == partner.count && image.count.isMultiple(of: height * width))
    for channel in 0..<image.count / (height * width) {
      for row in box.top..<box.bottom {
        let start = (channel * height + row) * width
        image.replaceSubrange(
          start + box.left..<start + box.right,
          with: partner[start + box.left..<start + box.right])
      }
    }
  }
}
