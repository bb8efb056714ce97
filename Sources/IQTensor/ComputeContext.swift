// The one door to the kernels: a kernel table, a thread pool and scratch memory.

internal import CIQKernels

/// How the library computes: threads and instruction level.
public struct ComputeOptions: Sendable, Hashable {
    /// Threads that one engine computes with, the calling one included.
    public var threads: Int
    /// The kernels to use; nil takes the fastest that the processor runs.
    public var level: InstructionLevel?

    /// The permitted numbers of threads.
    public static let permittedThreads = 1...256

    /// - Parameters:
    ///   - threads: 1 to 256; by default one for each active processor.
    ///   - level: the instruction level; by default the fastest one.
    /// - Throws: ``TensorError/invalidThreadCount(_:permitted:)`` or ``TensorError/unsupportedLevel(_:supported:)``.
    public init(threads: Int? = nil, level: InstructionLevel? = nil) throws(TensorError) {
        let threads = threads ?? min(activeProcessorCount(), Self.permittedThreads.upperBound)
        guard Self.permittedThreads.contains(threads) else {
            throw .invalidThreadCount(threads, permitted: Self.permittedThreads)
        }
        if let level, !level.isSupported { throw .unsupportedLevel(level, supported: InstructionLevel.supported) }
        self.threads = threads
        self.level = level
    }
}

/// How products with stored weights are computed. Products with f32 and f16 weights are always exact. The results differ by the rounding of the activations.
public enum QuantizedProduct: String, Sendable, Hashable, CaseIterable, Codable {
    /// Weights are dequantised exactly and multiplied with the activations in f32.
    case exact
    /// Activations are rounded to 8 bits per block of 32 and the products are integer ones, with VNNI where present.
    case integer
    /// The fastest product that the weights have: integer ones as ``integer`` where they are quantised, and where they are bf16,
    /// activations rounded to bfloat16 with sums in f32. Attention over many tokens at once, as in reading a prompt, rounds its
    /// operands to bfloat16 too, where the processor has instructions for it.
    case rounded
}

extension QuantizedProduct {
    var kernelProduct: iqk_product {
        switch self {
        case .exact: IQK_PRODUCT_EXACT
        case .integer: IQK_PRODUCT_INTEGER
        case .rounded: IQK_PRODUCT_ROUNDED
        }
    }
}

/// What a layer's passing memory is for: matrices that are needed at the same time are in different slots.
package enum ScratchSlot: Int, Sendable, CaseIterable {
    /// A few numbers for each row: an adapter's inner activations.
    case narrow
    case narrowGradient
    /// A whole row of activations for each row: an adapter's input after dropout.
    case wide
    case wideGradient
    /// Operands of a product rounded to bfloat16: a layer's input, and the gradient at its output.
    case rounded
    case roundedGradient
}

/// Kernels of one level with their threads and scratch memory. Not Sendable: one owner, one call at a time.
package final class ComputeContext {
    let handle: OpaquePointer
    package let threads: Int
    package let level: InstructionLevel
    /// Weights of other formats, expanded for one product: grows to the largest matrix.
    private var expansion: FloatBuffer?
    /// Memory of layers, by slot: grows to the largest matrix asked for.
    private var layerScratch = [FloatBuffer?](repeating: nil, count: ScratchSlot.allCases.count)

    package init(options: ComputeOptions) throws(TensorError) {
        let level = options.level ?? .best
        var status = IQK_OK
        guard let handle = iqk_context_create(Int32(options.threads), level.kernelLevel, &status) else {
            switch status {
            case IQK_UNSUPPORTED_LEVEL: throw .unsupportedLevel(level, supported: InstructionLevel.supported)
            case IQK_THREAD_FAILURE: throw .threadFailure
            default: throw .outOfMemory(bytes: 0)
            }
        }
        self.handle = handle
        self.threads = options.threads
        self.level = level
    }

    package convenience init(threads: Int? = nil, level: InstructionLevel? = nil) throws(TensorError) {
        try self.init(options: try ComputeOptions(threads: threads, level: level))
    }

    deinit { iqk_context_destroy(handle) }

    /// How many times the kernels have asked the heap for scratch memory. Constant once the largest call has been made.
    package var scratchAllocations: Int { Int(iqk_context_allocations(handle)) }

    func expansionBuffer(count: Int) throws(TensorError) -> FloatBuffer {
        if let expansion, expansion.count >= count { return expansion }
        expansion = nil
        let buffer = try FloatBuffer(count: count)
        expansion = buffer
        return buffer
    }

    /// A matrix in memory of this context, with what the slot's last user left in it; valid until the slot is asked for
    /// again. Asks the heap only when it must grow.
    package func scratch(_ slot: ScratchSlot, rows: Int, columns: Int) throws(TensorError) -> FloatMatrix {
        let count = rows * columns
        if let buffer = layerScratch[slot.rawValue], buffer.count >= count {
            return FloatMatrix(buffer: buffer, rows: rows, columns: columns)
        }
        layerScratch[slot.rawValue] = nil
        let buffer = try FloatBuffer(count: count)
        layerScratch[slot.rawValue] = buffer
        return FloatMatrix(buffer: buffer, rows: rows, columns: columns)
    }

    func check(_ status: iqk_status, _ operation: StaticString) throws(TensorError) {
        switch status {
        case IQK_OK: return
        case IQK_OUT_OF_MEMORY: throw .outOfMemory(bytes: 0)
        case IQK_UNSUPPORTED_FORMAT: throw .unsupportedFormat(operation: "\(operation)")
        case IQK_THREAD_FAILURE: throw .threadFailure
        default: throw .invalidArgument(operation: "\(operation)")
        }
    }
}
