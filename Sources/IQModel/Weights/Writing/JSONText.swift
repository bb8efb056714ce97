// JSON as we write it: members in the order given, two spaces of indentation.

/// A JSON value to be written.
package indirect enum JSONText: Sendable, Equatable {
    case object([(String, JSONText)])
    case array([JSONText])
    case string(String)
    case integer(Int)
    /// Written with the fewest digits that read back as the same Float; must be finite.
    case number(Float)
    case bool(Bool)
    case null

    package static func == (one: JSONText, other: JSONText) -> Bool { one.bytes == other.bytes }

    /// The text in UTF-8, with a newline at its end.
    package var bytes: [UInt8] {
        var output: [UInt8] = []
        write(to: &output, indentation: 0)
        output.append(UInt8(ascii: "\n"))
        return output
    }

    private func write(to output: inout [UInt8], indentation: Int) {
        switch self {
        case .object(let members):
            Self.writeList(members, "{", "}", to: &output, indentation: indentation) { member, output in
                Self.writeString(member.0, to: &output)
                output += Array(": ".utf8)
                member.1.write(to: &output, indentation: indentation + 1)
            }
        case .array(let elements):
            Self.writeList(elements, "[", "]", to: &output, indentation: indentation) { element, output in
                element.write(to: &output, indentation: indentation + 1)
            }
        case .string(let text): Self.writeString(text, to: &output)
        case .integer(let value): output += Array(String(value).utf8)
        case .number(let value):
            precondition(value.isFinite, "JSON has no \(value)")
            output += Array(value.description.utf8)
        case .bool(let value): output += Array((value ? "true" : "false").utf8)
        case .null: output += Array("null".utf8)
        }
    }

    private static func writeList<Element>(
        _ elements: [Element],
        _ open: Unicode.Scalar,
        _ close: Unicode.Scalar,
        to output: inout [UInt8],
        indentation: Int,
        _ writeElement: (Element, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: open))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            writeNewline(to: &output, indentation: indentation + 1)
            writeElement(element, &output)
        }
        if !elements.isEmpty { writeNewline(to: &output, indentation: indentation) }
        output.append(UInt8(ascii: close))
    }

    private static func writeNewline(to output: inout [UInt8], indentation: Int) {
        output.append(UInt8(ascii: "\n"))
        output += repeatElement(UInt8(ascii: " "), count: 2 * indentation)
    }

    /// A string with its quotes; control characters, quotes and backslashes escaped.
    package static func writeString(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case UInt8(ascii: "\n"): output += Array("\\n".utf8)
            case UInt8(ascii: "\t"): output += Array("\\t".utf8)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                output += Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
