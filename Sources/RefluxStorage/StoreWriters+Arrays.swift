/// The same appends for arrays.
extension TokenStoreWriter {
  /// Appends the ids of one document; see the overload for spans.
  public func append(document: [UInt32]) throws(StoreError) {
    try append(document: document.span)
  }
}

extension SampleStoreWriter {
  /// Appends a counted record; see the overload for spans.
  public func append(ids: [UInt32], counts: [UInt32]) throws(StoreError) {
    try append(ids: ids.span, counts: counts.span)
  }

  /// Appends a weighted record; see the overload for spans.
  public func append(ids: [UInt32], weights: [Float]) throws(StoreError) {
    try append(ids: ids.span, weights: weights.span)
  }
}
