// What this machine reaches at most, measured: the denominators of benchmarks.

internal import CIQKernels

/// A kind of multiply-add, by the numbers that are multiplied.
package enum PeakOperation: String, Sendable, Hashable, CaseIterable {
    /// f32 into f32.
    case f32
    /// Pairs of bfloat16 into f32.
    case bf16
    /// Quadruples of 8-bit integers into 32 bits.
    case int8

    fileprivate var kernelOperation: iqk_operation {
        switch self {
        case .f32: IQK_OPERATION_F32
        case .bf16: IQK_OPERATION_BF16
        case .int8: IQK_OPERATION_INT8
        }
    }
}

extension ComputeContext {
    /// Runs multiply-adds from registers on every thread.
    ///
    /// - Returns: multiplications and additions done, and the sum of all results (see CIQKernels.h); nil where the level has no
    ///   instruction for the kind.
    package func runOperations(
        _ kind: PeakOperation,
        rounds: Int
    ) throws(TensorError) -> (operations: Int, sum: Double)? {
        var operations: Int64 = 0
        var sum = 0.0
        let status = iqk_run_operations(handle, kind.kernelOperation, Int64(rounds), &operations, &sum)
        if status == IQK_UNSUPPORTED_LEVEL { return nil }
        try check(status, "runOperations")
        return (Int(operations), sum)
    }

    /// Multiplications and additions a second on all threads, from registers: the best of a few measurements of about 30 ms. nil
    /// where the level has no instruction for the kind.
    package func peakOperationsPerSecond(_ kind: PeakOperation) throws(TensorError) -> Double? {
        let clock = ContinuousClock()
        var rounds = 1 << 12
        var best = 0.0
        var measured = 0
        while measured < 4 {
            let start = clock.now
            guard let (operations, _) = try runOperations(kind, rounds: rounds) else { return nil }
            let duration = clock.now - start
            if duration < .milliseconds(30) {
                rounds *= 2
                continue
            }
            best = max(best, Double(operations) / (duration / .seconds(1)))
            measured += 1
        }
        return best
    }

    /// Reads memory once; each thread takes a share.
    ///
    /// - Returns: the sum of all words of eight bytes.
    package func readMemory(_ bytes: UnsafeRawBufferPointer) throws(TensorError) -> UInt64 {
        guard let start = bytes.baseAddress else { return 0 }
        var sum: UInt64 = 0
        try check(iqk_read_memory(handle, start, Int64(bytes.count), &sum), "readMemory")
        return sum
    }

    /// Bytes a second that all threads read together from memory that no cache holds: the best of a few passes.
    ///
    /// - Parameter byteCount: memory to allocate and read; several times the largest cache.
    package func readBandwidth(byteCount: Int = 256 << 20) throws -> Double {
        let storage = try TensorStorage.allocate(byteCount: byteCount) { bytes in
            // Pages that nobody has written may all be one page of zeros.
            bytes.initializeMemory(as: UInt8.self, repeating: 1)
        }
        let clock = ContinuousClock()
        return try storage.withBytes { bytes in
            var best = 0.0
            for _ in 0..<6 {
                let start = clock.now
                _ = try readMemory(bytes)
                best = max(best, Double(byteCount) / ((clock.now - start) / .seconds(1)))
            }
            return best
        }
    }
}
