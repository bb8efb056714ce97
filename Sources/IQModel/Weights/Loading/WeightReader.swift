// Turns a file's tensors into weights: matrices mapped or converted, vectors as f32, and rows put back in order.

internal import IQTensor

/// Makes weights of tensors whose names and shapes have been checked.
struct WeightReader {
    let catalog: TensorCatalog
    let precision: WeightPrecision
    let context: ComputeContext

    /// A matrix as stored, or converted.
    ///
    /// - Parameter rotaryHeads: the number of heads whose rows the file interleaves for the rotary embedding; nil where
    ///   rows are in Hugging Face's order.
    func matrix(_ name: String, rotaryHeads: Int? = nil) throws(ModelError) -> WeightMatrix {
        var matrix = try stored(name)
        if let rotaryHeads {
            let rows = matrix.rows
            matrix = try matrix.permutingRows { RotaryOrder.interleaved($0, heads: rotaryHeads, rows: rows) }
        }
        guard case .converted(let format) = precision else { return matrix }
        guard format.byteCount(of: matrix.columns) != nil else {
            throw .unsupportedConversion(
                tensor: name,
                format: format,
                reason: "a row has \(matrix.columns) numbers and a block \(format.blockLength)"
            )
        }
        return try conversion { try context.converted(matrix, to: format) }
    }

    /// A vector in f32.
    ///
    /// - Parameter subtracting: what the file has added to each element.
    func vector(_ name: String, rotaryHeads: Int? = nil, subtracting offset: Float = 0) throws(ModelError)
        -> WeightVector
    {
        let stored = try stored(name)
        let exact = try conversion { try context.dequantized(stored) }
        let isPlain = exact.byteOffset % MemoryLayout<Float>.alignment == 0 && rotaryHeads == nil && offset == 0
        if isPlain { return WeightVector(count: exact.columns, storage: exact.storage, byteOffset: exact.byteOffset) }
        let values = exact.withBytes { bytes in
            (0..<exact.columns).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) - offset }
        }
        let ordered = rotaryHeads.map { heads in
            values.indices.map { values[RotaryOrder.interleaved($0, heads: heads, rows: values.count)] }
        }
        return try conversion { try WeightVector(ordered ?? values) }
    }

    private func stored(_ name: String) throws(ModelError) -> WeightMatrix {
        guard let tensor = catalog[name] else {
            throw .tensors(path: catalog.path, TensorMismatch(missing: [.init(name: name, shape: [])]))
        }
        guard case .number(let format) = tensor.kind else {
            guard case .other(let found) = tensor.kind else { preconditionFailure("a third kind of tensor") }
            throw .safetensors(
                path: catalog.path,
                .unsupportedType(tensor: tensor.name, found: found, supported: SafetensorsType.supportedNames)
            )
        }
        let columns = tensor.shape.last ?? 1
        let matrix = WeightMatrix(
            format: format,
            rows: tensor.shape.dropLast().reduce(1, *),
            columns: columns,
            storage: tensor.storage,
            byteOffset: tensor.byteOffset
        )
        // Kernels read whole numbers; a file may place them anywhere.
        let alignment = format == .f32 ? 4 : 2
        return tensor.byteOffset % alignment == 0 ? matrix : try matrix.permutingRows { $0 }
    }
}

extension WeightMatrix {
    /// A copy whose row i is row `source(i)`, in any format.
    func permutingRows(_ source: (Int) -> Int) throws(ModelError) -> WeightMatrix {
        let rowBytes = bytesPerRow
        let copy = try conversion {
            try TensorStorage.allocate(byteCount: byteCount) { destination in
                withBytes { bytes in
                    for row in 0..<rows {
                        let from = source(row) * rowBytes
                        UnsafeMutableRawBufferPointer(rebasing: destination[(row * rowBytes)..<((row + 1) * rowBytes)])
                            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[from..<(from + rowBytes)]))
                    }
                }
            }
        }
        return WeightMatrix(format: format, rows: rows, columns: columns, storage: copy)
    }
}

/// Runs work of the tensor layer and gives its failures our type.
func conversion<Result>(_ body: () throws -> Result) throws(ModelError) -> Result {
    do {
        return try body()
    } catch let error as TensorError {
        throw .tensor(error)
    } catch {
        throw .tensor(.invalidArgument(operation: "conversion"))
    }
}

/// The two orders of a head's rows. Hugging Face rotates the pairs (i, i + D/2); Llama's GGUF files hold the same rows so
/// that pairs are (2i, 2i + 1).
enum RotaryOrder {
    /// Where row `row` of Hugging Face's order lies in the interleaved order.
    static func interleaved(_ row: Int, heads: Int, rows: Int) -> Int {
        let headDimension = rows / heads
        let half = headDimension / 2
        let (head, inHead) = row.quotientAndRemainder(dividingBy: headDimension)
        let (side, pair) = inHead.quotientAndRemainder(dividingBy: half)
        return head * headDimension + 2 * pair + side
    }

    /// Where row `row` of the interleaved order lies in Hugging Face's.
    static func halves(_ row: Int, heads: Int, rows: Int) -> Int {
        let headDimension = rows / heads
        let half = headDimension / 2
        let (head, inHead) = row.quotientAndRemainder(dividingBy: headDimension)
        return head * headDimension + (inHead % 2) * half + inHead / 2
    }
}
