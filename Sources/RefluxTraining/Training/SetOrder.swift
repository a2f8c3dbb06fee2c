internal import RefluxMemory

/// Puts a sample set in ascending order of its ids, in place: stores that pack their sets keep
/// them in another, and the complete loss wants this one.
///
/// Shell's sort: for up to some thousand ids, without memory of its own.
func sortByID(_ ids: View<UInt32>, _ weights: View<Float>) {
  var gap = 1
  while gap < ids.count / 3 { gap = 3 * gap + 1 }
  while gap > 0 {
    for start in gap..<max(gap, ids.count) {
      let (id, weight) = (ids[start], weights[start])
      var place = start
      while place >= gap, ids[place - gap] > id {
        (ids[place], weights[place]) = (ids[place - gap], weights[place - gap])
        place -= gap
      }
      (ids[place], weights[place]) = (id, weight)
    }
    gap /= 3
  }
}
