// Writes tensors as one safetensors file, or as shards with an index.

package import IQTensor

/// A tensor to be written: its contents are made when its turn comes, so that one at a time is in memory.
package struct WritableTensor {
    package var name: String
    /// Outermost dimension first.
    package var shape: [Int]
    package var format: NumberFormat
    package var byteCount: Int
    package var value: () throws(ModelError) -> ParameterValue

    package init(
        name: String,
        shape: [Int],
        format: NumberFormat,
        byteCount: Int,
        value: @escaping () throws(ModelError) -> ParameterValue
    ) {
        self.name = name
        self.shape = shape
        self.format = format
        self.byteCount = byteCount
        self.value = value
    }

    /// A tensor whose contents are there already.
    package init(name: String, _ value: ParameterValue) {
        self.init(name: name, shape: value.shape, format: value.format, byteCount: value.byteCount) {
            () throws(ModelError) in value
        }
    }

    func write(to file: AtomicFile) throws(ModelError) {
        let value = try value()
        precondition(value.byteCount == byteCount && value.format == format, "\(name) is not what was announced")
        let failure: ModelError? = value.withBytes { bytes in
            do throws(ModelError) {
                try file.write(bytes)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}

package enum SafetensorsWriter {
    /// Writes one file, atomically. Tensors keep their order.
    package static func write(_ tensors: [WritableTensor], to path: String) throws(ModelError) {
        let file = try AtomicFile(path: path)
        try file.write(try SafetensorsHeader.bytes(of: tensors.map(SafetensorsHeader.Entry.init)))
        for tensor in tensors { try tensor.write(to: file) }
        try file.commit()
    }

    /// Writes `model.safetensors`, or shards of at most `shardByteLimit` bytes of tensors and their index. Files of the
    /// other form that an earlier model left in the folder are removed.
    package static func write(
        _ tensors: [WritableTensor],
        folder: String,
        shardByteLimit: Int
    ) throws(ModelError) {
        var shards: [[WritableTensor]] = [[]]
        var size = 0
        for tensor in tensors {
            if size > 0, tensor.byteCount > shardByteLimit - size {
                shards.append([])
                size = 0
            }
            shards[shards.count - 1].append(tensor)
            size += tensor.byteCount
        }
        let single = FileSystem.join(folder, SafetensorsFolder.singleFile)
        let index = FileSystem.join(folder, SafetensorsFolder.indexFile)
        if shards.count == 1 {
            try write(tensors, to: single)
            try FileSystem.remove(index)
            return
        }
        var map: [(String, JSONText)] = []
        for (number, shard) in shards.enumerated() {
            let name = "model-\(fiveDigits(number + 1))-of-\(fiveDigits(shards.count)).safetensors"
            try write(shard, to: FileSystem.join(folder, name))
            map += shard.map { ($0.name, .string(name)) }
        }
        let total = tensors.reduce(0) { $0 + $1.byteCount }
        let contents = JSONText.object([
            ("metadata", .object([("total_size", .integer(total))])),
            ("weight_map", .object(map)),
        ])
        try AtomicFile.write(contents.bytes, to: index)
        try FileSystem.remove(single)
    }

    private static func fiveDigits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}

extension SafetensorsHeader.Entry {
    fileprivate init(_ tensor: WritableTensor) {
        self.init(name: tensor.name, shape: tensor.shape, format: tensor.format, byteCount: tensor.byteCount)
    }
}
