internal import COneDNN
internal import CRows
public import RefluxMemory

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Matrix products by oneDNN on the calling thread: C = A B or C += A B.
///
/// One object per worker: it keeps the compiled primitive of every shape it has met, with memory
/// handles of its own, so that a product in a training step costs its flops and one table look-up.
/// The same shapes give the same bits whichever worker computes them.
@safe
public final class Products {
  private struct Shape: Hashable {
    var sizes: SIMD4<Int>  // rows, columns, inner, accumulate
    var strides: SIMD8<Int>  // row and column strides of A, B, C
    var formats: SIMD4<Int32>  // of A, B, C
  }

  private let engine: dnnl_engine_t
  private let stream: dnnl_stream_t
  private var plans: [Shape: ProductPlan] = [:]
  /// What the plans work in.
  private let scratch = Arena(blockBytes: 1 << 20)

  /// Makes an engine and a stream of its own, without plans; traps where oneDNN has no engine.
  public init() {
    let _: View<UInt8> = scratch.take(1)
    var engine: dnnl_engine_t?
    var stream: dnnl_stream_t?
    unsafe check(dnnl_engine_create(&engine, dnnl_cpu, 0))
    unsafe check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue))
    unsafe self.engine = engine!
    unsafe self.stream = stream!
  }

  deinit {
    plans.removeAll()
    unsafe dnnl_stream_destroy(stream)
    unsafe dnnl_engine_destroy(engine)
  }

  /// True where products of bfloat16 are faster than those of float32: with AMX, and with AMD's dot
  /// products. Intel's processors have those on half as many ports: on one whose AMX a virtual
  /// machine hides, a step in bfloat16 takes 1.6 times as long as in float32.
  public static var hasFastBFloat16: Bool {
    let set = dnnl_get_effective_cpu_isa().rawValue
    if set >= dnnl_cpu_isa_avx512_core_amx.rawValue { return true }
    return set >= dnnl_cpu_isa_avx512_core_bf16.rawValue && crows_is_amd() != 0
  }

  /// Whether oneDNN has bfloat16 products for this processor at all (on x86 from AVX-512 on); where
  /// it has none, ``multiply(_:_:into:accumulate:)`` traps on such operands.
  public static let supportsBFloat16: Bool = {
    var engine: dnnl_engine_t?
    unsafe check(dnnl_engine_create(&engine, dnnl_cpu, 0))
    defer { unsafe dnnl_engine_destroy(engine) }
    var (a, b, c) = (dnnl_memory_desc_t(), dnnl_memory_desc_t(), dnnl_memory_desc_t())
    unsafe check(dnnl_memory_desc_init_by_strides(&a, 2, [16, 16], dnnl_bf16, [16, 1]))
    unsafe check(dnnl_memory_desc_init_by_strides(&b, 2, [16, 16], dnnl_bf16, [16, 1]))
    unsafe check(dnnl_memory_desc_init_by_strides(&c, 2, [16, 16], dnnl_f32, [16, 1]))
    var product = dnnl_matmul_desc_t()
    unsafe check(dnnl_matmul_desc_init(&product, &a, &b, nil, &c))
    var description: dnnl_primitive_desc_t?
    let status = unsafe dnnl_primitive_desc_create(&description, &product, nil, engine, nil)
    if status == dnnl_success { unsafe dnnl_primitive_desc_destroy(description) }
    return status == dnnl_success
  }()

  /// C = A B, or C += A B when `accumulate`.
  ///
  /// A is rows x inner, B is inner x columns, C is rows x columns and row-major; strides are free,
  /// so a transposed operand costs nothing extra. Sums are kept in float32.
  public func multiply<A: Scalar, B: Scalar, C: Scalar>(
    _ a: Matrix<A>, _ b: Matrix<B>, into c: Matrix<C>, accumulate: Bool = false
  ) {
    precondition(a.columns == b.rows && a.rows == c.rows && b.columns == c.columns)
    if c.rows == 0 || c.columns == 0 { return }
    let shape = Shape(
      sizes: SIMD4(c.rows, c.columns, a.columns, accumulate ? 1 : 0),
      strides: SIMD8(
        a.rowStride, a.columnStride, b.rowStride, b.columnStride, c.rowStride, c.columnStride,
        0, 0),
      formats: SIMD4(format(A.self), format(B.self), format(C.self), 0))
    let plan = plan(for: shape)
    unsafe plan.execute(stream, a.elements.base, b.elements.base, c.elements.base)
  }

  private func plan(for shape: Shape) -> ProductPlan {
    if let plan = plans[shape] { return plan }
    let (s, t, f) = (shape.sizes, shape.strides, shape.formats)
    let plan = unsafe ProductPlan(
      engine: engine,
      a: descriptor(s[0], s[2], t[0], t[1], f[0]), b: descriptor(s[2], s[1], t[2], t[3], f[1]),
      c: descriptor(s[0], s[1], t[4], t[5], f[2]), accumulate: s[3] == 1,
      scratch: scratch)
    plans[shape] = plan
    return plan
  }

  private func format<Element: Scalar>(_: Element.Type) -> Int32 {
    Int32(bitPattern: Element.self == BFloat16.self ? dnnl_bf16.rawValue : dnnl_f32.rawValue)
  }

  private func descriptor(
    _ rows: Int, _ columns: Int, _ rowStride: Int, _ columnStride: Int, _ format: Int32
  ) -> dnnl_memory_desc_t {
    var descriptor = dnnl_memory_desc_t()
    let sizes = [Int64(rows), Int64(columns)]
    // A lone row or column has no stride of its own; oneDNN wants a plausible one.
    let strides = [
      Int64(rows == 1 && columnStride == 1 ? max(rowStride, columns) : rowStride),
      Int64(columns == 1 && rowStride == 1 ? max(columnStride, rows) : columnStride),
    ]
    unsafe check(
      dnnl_memory_desc_init_by_strides(
        &descriptor, 2, sizes, dnnl_data_type_t(UInt32(bitPattern: format)), strides))
    return descriptor
  }
}

/// One compiled product with its memory handles and scratch.
@safe
private final class ProductPlan {
  private let primitive: dnnl_primitive_t
  private let memories: [dnnl_memory_t]  // A, B, C, scratch

  init(
    engine: dnnl_engine_t, a: dnnl_memory_desc_t, b: dnnl_memory_desc_t, c: dnnl_memory_desc_t,
    accumulate: Bool, scratch: Arena
  ) {
    useOneThread()
    var (a, b, c) = (a, b, c)
    var product = dnnl_matmul_desc_t()
    unsafe check(dnnl_matmul_desc_init(&product, &a, &b, nil, &c))
    var attributes: dnnl_primitive_attr_t?
    unsafe check(dnnl_primitive_attr_create(&attributes))
    unsafe check(
      dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user))
    if accumulate {
      var operations: dnnl_post_ops_t?
      unsafe check(dnnl_post_ops_create(&operations))
      unsafe check(dnnl_post_ops_append_sum(operations, 1))
      unsafe check(dnnl_primitive_attr_set_post_ops(attributes, operations))
      unsafe dnnl_post_ops_destroy(operations)
    }
    var description: dnnl_primitive_desc_t?
    unsafe check(dnnl_primitive_desc_create(&description, &product, attributes, engine, nil))
    var primitive: dnnl_primitive_t?
    unsafe check(dnnl_primitive_create(&primitive, description))
    var need = unsafe dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0)!
      .pointee
    let workspace: View<UInt8> = unsafe scratch.take(dnnl_memory_desc_get_size(&need))
    unsafe memories = [
      memory(engine, a, nil), memory(engine, b, nil), memory(engine, c, nil),
      memory(engine, need, workspace.base),
    ]
    unsafe self.primitive = primitive!
    unsafe dnnl_primitive_desc_destroy(description)
    unsafe dnnl_primitive_attr_destroy(attributes)
  }

  deinit {
    for index in 0..<4 { unsafe dnnl_memory_destroy(memories[index]) }
    unsafe dnnl_primitive_destroy(primitive)
  }

  func execute(
    _ stream: dnnl_stream_t, _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer,
    _ c: UnsafeMutableRawPointer
  ) {
    useOneThread()
    unsafe check(dnnl_memory_set_data_handle(memories[0], a))
    unsafe check(dnnl_memory_set_data_handle(memories[1], b))
    unsafe check(dnnl_memory_set_data_handle(memories[2], c))
    unsafe withUnsafeTemporaryAllocation(of: dnnl_exec_arg_t.self, capacity: 4) { arguments in
      unsafe arguments[0] = dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: memories[0])
      unsafe arguments[1] = dnnl_exec_arg_t(arg: DNNL_ARG_WEIGHTS, memory: memories[1])
      unsafe arguments[2] = dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: memories[2])
      unsafe arguments[3] = dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: memories[3])
      unsafe check(dnnl_primitive_execute(primitive, stream, 4, arguments.baseAddress))
    }
    unsafe check(dnnl_stream_wait(stream))
  }
}

private func memory(
  _ engine: dnnl_engine_t, _ layout: dnnl_memory_desc_t, _ address: UnsafeMutableRawPointer?
) -> dnnl_memory_t {
  var layout = layout
  var memory: dnnl_memory_t?
  unsafe check(dnnl_memory_create(&memory, &layout, engine, address))
  return unsafe memory!
}

/// oneDNN fails only on a caller's bug or without memory: nothing that could be handled here.
private func check(_ status: dnnl_status_t) {
  precondition(status == dnnl_success, "oneDNN refused a matrix product")
}

/// Keeps oneDNN's OpenMP from starting threads of its own beneath a worker. The setting belongs to
/// the calling thread and costs a store; a oneDNN without OpenMP has no such function.
private func useOneThread() { setThreads?(1) }

private let setThreads = openMPThreads()

private func openMPThreads() -> (@convention(c) (Int32) -> Void)? {
  #if canImport(Darwin)
    let everywhere = unsafe UnsafeMutableRawPointer(bitPattern: -2)
  #else
    let everywhere: UnsafeMutableRawPointer? = nil
  #endif
  guard let symbol = unsafe dlsym(everywhere, "omp_set_num_threads") else { return nil }
  return unsafe unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)
}
