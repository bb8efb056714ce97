// What stands before the data of a safetensors file that we write.

package import IQTensor

package enum SafetensorsHeader {
    /// A tensor of the file; its bytes lie behind those of the one before.
    package struct Entry {
        package var name: String
        /// Outermost dimension first.
        package var shape: [Int]
        package var format: NumberFormat
        package var byteCount: Int

        package init(name: String, shape: [Int], format: NumberFormat, byteCount: Int) {
            self.name = name
            self.shape = shape
            self.format = format
            self.byteCount = byteCount
        }
    }

    /// The header's length and the header, filled up with spaces so that the data begins at a multiple of 8.
    package static func bytes(of entries: [Entry]) throws(ModelError) -> [UInt8] {
        var header = Array(#"{"__metadata__":{"format":"pt"}"#.utf8)
        var offset = 0
        for entry in entries {
            guard let type = SafetensorsType.name(of: entry.format) else {
                throw .unsupportedConversion(
                    tensor: entry.name,
                    format: entry.format,
                    reason: "safetensors files hold f32, f16 and bf16"
                )
            }
            header.append(UInt8(ascii: ","))
            JSONText.writeString(entry.name, to: &header)
            let shape = entry.shape.map(String.init).joined(separator: ",")
            let end = offset + entry.byteCount
            header += Array(#":{"dtype":"\#(type)","shape":[\#(shape)],"data_offsets":[\#(offset),\#(end)]}"#.utf8)
            offset = end
        }
        header.append(UInt8(ascii: "}"))
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        var length = UInt64(header.count).littleEndian
        return withUnsafeBytes(of: &length) { Array($0) } + header
    }
}
