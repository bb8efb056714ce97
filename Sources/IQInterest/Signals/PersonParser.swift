// One line of JSON to one person.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
internal import IQText

/// Reads persons from the lines of a file; see ``PersonFile`` for the format.
struct PersonParser {
    let options: SignalFileOptions

    /// The person of a line.
    func person(line bytes: [UInt8], number: Int) throws(InvalidLine) -> Person {
        let root: JSONValue
        do throws(JSONError) { root = try JSONDocument(bytes, maximumDepth: 64).root } catch {
            // UTF-16 and UTF-32 begin with FF FE or FE FF, or have a zero beside every letter.
            if number == 1, bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.contains(0) {
                throw InvalidLine(line: number, problem: .notUTF8)
            }
            throw InvalidLine(line: number, column: error.byteOffset + 1, problem: .notJSON(error.explanation))
        }
        let fields = LineFields(line: number, path: nil, node: root)
        guard root.isObject else {
            throw fields.failure(.wrongType(expected: "an object for one person", found: root.kindName))
        }
        if root["signals"] == nil, root["text"] != nil {
            throw fields.failure(.signalInsteadOfPerson)
        }
        let id = try fields.required("id")
        let language = try fields.optional("language")
        let signals = try fields.node("signals")
        guard let elements = signals.elements else {
            throw fields.failure(
                .wrongType(expected: "an array of signals", found: signals.kindName),
                at: signals,
                field: "signals"
            )
        }
        guard signals.count <= options.maximumSignals else {
            throw fields.failure(
                .tooManySignals(signals.count, maximum: options.maximumSignals),
                at: signals,
                field: "signals"
            )
        }
        var parsed: [UserSignal] = []
        parsed.reserveCapacity(signals.count)
        for (index, element) in elements.enumerated() {
            parsed.append(try signal(LineFields(line: number, path: "signals[\(index)]", node: element)))
        }
        do throws(SignalError) {
            return try Person(id: id.text, language: language?.text, signals: parsed)
        } catch {
            if case .invalidLanguage = error, let node = language?.node {
                throw fields.failure(.invalidValue(error), at: node, field: "language")
            }
            throw fields.failure(.invalidValue(error), at: id.node, field: "id")
        }
    }

    private func signal(_ fields: LineFields) throws(InvalidLine) -> UserSignal {
        guard fields.node.isObject else {
            throw fields.failure(.wrongType(expected: "an object for one signal", found: fields.node.kindName))
        }
        let kind = try fields.required("kind")
        if let accepted = options.acceptedKinds, !accepted.contains(SignalKind(rawValue: kind.text)) {
            throw fields.failure(
                .unknownKind(kind.text.prefix(bytes: 64), accepted: accepted.map(\.rawValue).sorted()),
                at: kind.node,
                field: "kind"
            )
        }
        let (time, timeNode) = try fields.time()
        let text = try fields.required("text")
        let url = try fields.optional("url")
        let category = try fields.optional("category")
        do throws(SignalError) {
            return try UserSignal(
                kind: SignalKind(rawValue: kind.text),
                time: time,
                text: text.text,
                url: try url.map { given throws(SignalError) in try UserSignal.address(given.text) },
                category: category?.text
            )
        } catch {
            let (node, field): (JSONValue?, String) =
                switch error {
                case .invalidURL: (url?.node, "url")
                case .invalidKind: (kind.node, "kind")
                case .categoryTooLong: (category?.node, "category")
                case .invalidTime, .timeOutOfRange: (timeNode, "time")
                default: (text.node, "text")
                }
            throw fields.failure(.invalidValue(error), at: node, field: field)
        }
    }
}
