// Tensors as a checkpoint sees them: a name, a shape, and somebody else's memory.

internal import IQModel

/// An f32 tensor to be saved. Its bytes are read while they are written, not copied.
package struct NamedTensor {
    package let name: String
    /// Outermost dimension first.
    package let shape: [Int]
    /// Lends the tensor's bytes, 4 for each element, row-major.
    package let withBytes: (_ body: (UnsafeRawBufferPointer) -> Void) -> Void

    package init(name: String, shape: [Int], withBytes: @escaping (_ body: (UnsafeRawBufferPointer) -> Void) -> Void) {
        self.name = name
        self.shape = shape
        self.withBytes = withBytes
    }

    var byteCount: Int { shape.reduce(MemoryLayout<Float>.size, *) }
}

/// Where a saved f32 tensor is to go.
package struct TensorDestination {
    package let name: String
    /// Outermost dimension first; must be that of the saved tensor.
    package let shape: [Int]
    /// Lends the memory to write, 4 bytes for each element, row-major.
    package let withMutableBytes: (_ body: (UnsafeMutableRawBufferPointer) -> Void) -> Void

    package init(
        name: String,
        shape: [Int],
        withMutableBytes: @escaping (_ body: (UnsafeMutableRawBufferPointer) -> Void) -> Void
    ) {
        self.name = name
        self.shape = shape
        self.withMutableBytes = withMutableBytes
    }

    var byteCount: Int { shape.reduce(MemoryLayout<Float>.size, *) }
}

/// The stored tensors that are not the wanted ones.
func mismatch(wanted: [TensorDestination], stored: [StoredTensor]) -> TensorMismatch {
    var rest = Dictionary(stored.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var mismatch = TensorMismatch()
    for tensor in wanted {
        guard let found = rest.removeValue(forKey: tensor.name), found.kind == .number(.f32) else {
            mismatch.missing.append(TensorMismatch.Expected(name: tensor.name, shape: tensor.shape))
            continue
        }
        if found.shape != tensor.shape {
            mismatch.misshapen.append(
                TensorMismatch.Misshapen(name: tensor.name, expected: tensor.shape, found: found.shape)
            )
        }
    }
    mismatch.unexpected = rest.keys.sorted()
    return mismatch
}
