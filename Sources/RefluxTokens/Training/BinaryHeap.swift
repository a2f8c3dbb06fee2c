/// A priority queue: the least element comes out first.
struct BinaryHeap<Element: Comparable> {
  private var elements: [Element] = []

  /// A heap of `elements`; linear time.
  init(_ elements: [Element] = []) {
    self.elements = elements
    var index = elements.count / 2
    while index > 0 {
      index -= 1
      siftDown(from: index)
    }
  }

  mutating func push(_ element: Element) {
    elements.append(element)
    var index = elements.count - 1
    while index > 0 {
      let parent = (index - 1) / 2
      guard elements[index] < elements[parent] else { return }
      elements.swapAt(index, parent)
      index = parent
    }
  }

  mutating func pop() -> Element? {
    guard let last = elements.popLast() else { return nil }
    guard let first = elements.first else { return last }
    elements[0] = last
    siftDown(from: 0)
    return first
  }

  mutating func removeAll() { elements.removeAll(keepingCapacity: true) }

  private mutating func siftDown(from start: Int) {
    var index = start
    while true {
      var least = 2 * index + 1
      guard least < elements.count else { return }
      if least + 1 < elements.count, elements[least + 1] < elements[least] { least += 1 }
      guard elements[least] < elements[index] else { return }
      elements.swapAt(index, least)
      index = least
    }
  }
}
