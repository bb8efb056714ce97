// The matrix products of a small decoder, one by one, against what the machine reaches.

internal import InterestQueryKit

/// A line for one product.
private struct ProductLine: Encodable {
    let workload = "kernels"
    let format: String
    let product: String
    /// What the matrix is in SmolLM2-135M: output features by input features.
    let name: String
    let outputs: Int
    let inputs: Int
    /// Rows of activations.
    let rows: Int
    let threads: Int
    let microseconds: Double
    let gigaOperationsPerSecond: Double
    /// Of weights and activations.
    let gigabytesPerSecond: Double
    let roofline: Roofline
}

/// A line for one measurement of the machine.
private struct PeakLine: Encodable {
    let workload = "peak"
    let name: String
    let threads: Int
    /// Operations or bytes a second, in thousand millions.
    let gigaPerSecond: Double
}

/// A matrix of SmolLM2-135M.
private struct ProductShape {
    let name: String
    let outputs: Int
    let inputs: Int
    /// Logits are wanted of a few rows only.
    var mostRows = Int.max

    static let all = [
        ProductShape(name: "key", outputs: 192, inputs: 576),
        ProductShape(name: "query", outputs: 576, inputs: 576),
        ProductShape(name: "gate", outputs: 1536, inputs: 576),
        ProductShape(name: "down", outputs: 576, inputs: 1536),
        ProductShape(name: "head", outputs: 49152, inputs: 576, mostRows: 32),
    ]
}

extension NumberFormat {
    /// The products that differ for weights of this format: with f32 and f16 weights all are exact.
    fileprivate var products: [QuantizedProduct] { self == .f32 || self == .f16 ? [.exact] : [.exact, .rounded] }
}

/// Copies of a matrix that together are larger than any cache, so that each product reads its weights from memory, as a
/// step of a model does. Packed where an engine would pack them.
private struct WeightCopies {
    let matrices: [WeightMatrix]

    private static let byteCount = 128 << 20

    init(_ shape: ProductShape, format: NumberFormat, product: QuantizedProduct, context: ComputeContext) throws {
        var random = RandomStream(seed: 1, stream: UInt64(shape.outputs * shape.inputs))
        let values = (0..<shape.outputs * shape.inputs).map { _ in Float(random.uniform()) - 0.5 }
        let source = try context.converted(
            try WeightMatrix(rows: shape.outputs, columns: shape.inputs, values: values),
            to: format
        )
        let length = source.byteCount
        let count = max(1, Self.byteCount / length)
        let storage = try TensorStorage.allocate(byteCount: count * length) { bytes in
            source.withBytes { matrix in
                for copy in 0..<count {
                    UnsafeMutableRawBufferPointer(rebasing: bytes[copy * length..<(copy + 1) * length])
                        .copyMemory(from: matrix)
                }
            }
        }
        let copies = (0..<count).map {
            WeightMatrix(
                format: format,
                rows: shape.outputs,
                columns: shape.inputs,
                storage: storage,
                byteOffset: $0 * length
            )
        }
        matrices = context.packs(copies[0], for: product) ? try context.packed(copies) : copies
    }
}

extension BenchCommand {
    /// Prints what the machine reaches and what each product does, on one thread and on all.
    func measureKernels() throws {
        let most = try ComputeOptions(threads: threads, level: level).threads
        let formats = format.map { [$0] } ?? [.f32, .bf16, .q8_0, .q4_0]
        for count in most == 1 ? [1] : [1, most] {
            let context = try ComputeContext(options: try ComputeOptions(threads: count, level: level))
            let bandwidth = try context.readBandwidth()
            try report(peak: "read", bandwidth, threads: count)
            for operation in PeakOperation.allCases {
                guard let peak = try context.peakOperationsPerSecond(operation) else { continue }
                try report(peak: operation.rawValue, peak, threads: count)
            }
            for format in formats {
                let limits = MachineLimits(
                    bytesPerSecond: bandwidth,
                    operationsPerSecond: try context.peak(for: format)
                )
                for shape in ProductShape.all {
                    for product in format.products {
                        let weights = try WeightCopies(shape, format: format, product: product, context: context)
                        for rows in [1, 8, 32, 512] where rows <= shape.mostRows {
                            let seconds = try time(weights, rows: rows, product: product, context: context)
                            try report(
                                shape,
                                format,
                                product,
                                rows: rows,
                                seconds: seconds,
                                limits: limits,
                                threads: count
                            )
                        }
                    }
                }
            }
        }
    }

    /// Seconds of one product: the median of five measurements, over all copies of the weights in turn.
    private func time(
        _ weights: WeightCopies,
        rows: Int,
        product: QuantizedProduct,
        context: ComputeContext
    ) throws -> Double {
        let first = weights.matrices[0]
        let values = (0..<rows * first.columns).map { Float($0 % 17) / 8 - 1 }
        let x = try FloatMatrix(rows: rows, columns: first.columns, values: values)
        let y = try FloatMatrix(rows: rows, columns: first.rows)
        let clock = ContinuousClock()
        var next = 0
        var count = 1
        var measured: [Double] = []
        while measured.count < 5 {
            try Task.checkCancellation()
            let start = clock.now
            for _ in 0..<count {
                try context.linear(x, weights.matrices[next], product: product, into: y)
                next = (next + 1) % weights.matrices.count
            }
            let duration = clock.now - start
            if duration < .milliseconds(8) {
                count *= 2
            } else {
                measured.append(duration / .seconds(1) / Double(count))
            }
        }
        return measured.sorted()[2]
    }

    private func report(
        _ shape: ProductShape,
        _ format: NumberFormat,
        _ product: QuantizedProduct,
        rows: Int,
        seconds: Double,
        limits: MachineLimits,
        threads: Int
    ) throws {
        let weightBytes = format.byteCount(of: shape.outputs * shape.inputs) ?? 0
        let activations = rows * (shape.outputs + shape.inputs) * MemoryLayout<Float>.stride
        let cost = GenerationCost(
            bytes: Double(weightBytes + activations),
            operations: 2 * Double(rows * shape.outputs * shape.inputs)
        )
        try StandardOutput.write(
            Self.line(
                ProductLine(
                    format: format.rawValue,
                    product: product.rawValue,
                    name: shape.name,
                    outputs: shape.outputs,
                    inputs: shape.inputs,
                    rows: rows,
                    threads: threads,
                    microseconds: seconds * 1e6,
                    gigaOperationsPerSecond: cost.operations / seconds / 1e9,
                    gigabytesPerSecond: cost.bytes / seconds / 1e9,
                    roofline: Roofline(cost, seconds: seconds, limits: limits)
                )
            )
        )
    }

    private func report(peak name: String, _ value: Double, threads: Int) throws {
        try StandardOutput.write(Self.line(PeakLine(name: name, threads: threads, gigaPerSecond: value / 1e9)))
    }
}
