internal import CRows
internal import RefluxMemory

/// What drawing from a row needs beside the row's sums; zeroed at first, as it leaves its marks.
@safe
struct DrawingMemory: Sendable {
  static let stripsPerBlock = Int(CROWS_BLOCK) / Int(CROWS_STRIP)

  /// Where each point is.
  let places: View<UInt32>
  private let blockMarks: View<UInt64>
  private let stripMarks: View<UInt64>
  private let slots: View<UInt32>
  private let blocks: View<crows_drawn_block>
  private let strips: View<crows_drawn_strip>
  private let leaves: View<crows_drawn_leaf>

  init(blocks count: Int, points: Int, arena: Arena) {
    let stripCount = count * Self.stripsPerBlock
    places = arena.take(points)
    blockMarks = arena.take((count + 7) / 8)
    stripMarks = arena.take(stripCount / 8)
    slots = arena.take(stripCount)
    blocks = arena.take(count)
    strips = arena.take(min(points, stripCount))
    leaves = arena.take(min(points, stripCount * 4))
  }

  /// The same for C.
  @unsafe var pointers: crows_drawing {
    unsafe crows_drawing(
      block_marks: blockMarks.base, strip_marks: stripMarks.base, places: places.base,
      slots: slots.base, blocks: blocks.base, strips: strips.base, leaves: leaves.base,
      strip_count: 0, leaf_count: 0)
  }
}
