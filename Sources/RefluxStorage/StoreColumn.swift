/// One column of a block: a field, or one of the two columns of a field with 3-byte elements
/// (SPEC.md, section 4.4).
///
/// Three bytes per element are stored as the low two of all elements, then the high ones: both
/// columns widen in vector code and LZ4 finds longer matches in each.
struct StoreColumn {
  let field: Int
  /// Bytes per element: 1, 2 or 4.
  let width: Int
  /// Elements per record.
  let count: Int
  /// What the stored elements are multiplied with, as a shift: 16 for high bytes, else 0.
  let shift: UInt32
  /// Bytes per record of all columns before this one.
  let prefix: Int

  /// Bytes per record.
  var bytes: Int { width * count }

  /// The columns of `schema` in their order within a block.
  static func columns(of schema: StoreSchema) -> [StoreColumn] {
    var result: [StoreColumn] = []
    var prefix = 0
    for (index, field) in schema.fields.enumerated() {
      for width in field.width == 3 ? [2, 1] : [field.width] {
        let isHighByte = field.width == 3 && width == 1
        let column = StoreColumn(
          field: index, width: width, count: field.count, shift: isHighByte ? 16 : 0,
          prefix: prefix)
        result.append(column)
        prefix += column.bytes
      }
    }
    return result
  }
}
