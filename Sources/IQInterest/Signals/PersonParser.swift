// One line of JSON to one person.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Reads persons from the lines of a file; see ``PersonFile`` for the format.
struct PersonParser {
    let options: SignalFileOptions

    /// The person of a line.
    func person(line bytes: [UInt8], number: Int) throws(InvalidLine) -> Person {
        let node: JSONNode
        do throws(JSONSyntaxError) { node = try JSONParser.parse(bytes) } catch {
            // UTF-16 and UTF-32 begin with FF FE or FE FF, or have a zero beside every letter.
            if number == 1, bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.contains(0) {
                throw InvalidLine(line: number, problem: .notUTF8)
            }
            throw InvalidLine(line: number, column: error.offset + 1, problem: .notJSON(error.problem))
        }
        let fields = Fields(line: number, path: nil, node: node)
        guard case .object = node.value else {
            throw fields.failure(.wrongType(expected: "an object for one person", found: node.typeName))
        }
        if node.member("signals") == nil, node.member("text") != nil {
            throw fields.failure(.signalInsteadOfPerson)
        }
        let id = try fields.required("id")
        let language = try fields.optional("language")
        let signals = try fields.node("signals")
        guard case .array(let elements) = signals.value else {
            throw fields.failure(
                .wrongType(expected: "an array of signals", found: signals.typeName),
                at: signals,
                field: "signals"
            )
        }
        guard elements.count <= options.maximumSignals else {
            throw fields.failure(
                .tooManySignals(elements.count, maximum: options.maximumSignals),
                at: signals,
                field: "signals"
            )
        }
        var parsed: [UserSignal] = []
        parsed.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            parsed.append(try signal(Fields(line: number, path: "signals[\(index)]", node: element)))
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

    private func signal(_ fields: Fields) throws(InvalidLine) -> UserSignal {
        guard case .object = fields.node.value else {
            throw fields.failure(.wrongType(expected: "an object for one signal", found: fields.node.typeName))
        }
        let kind = try fields.required("kind")
        if let accepted = options.acceptedKinds, !accepted.contains(SignalKind(rawValue: kind.text)) {
            throw fields.failure(
                .unknownKind(kind.text.prefix(bytes: 64), accepted: accepted.map(\.rawValue).sorted()),
                at: kind.node,
                field: "kind"
            )
        }
        let (time, timeNode) = try self.time(fields)
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
            let (node, field): (JSONNode?, String) =
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

    private func time(_ fields: Fields) throws(InvalidLine) -> (Date, JSONNode) {
        let node = try fields.node("time")
        switch node.value {
        case .number(let seconds): return (Date(timeIntervalSince1970: seconds), node)
        case .string(let text):
            do throws(SignalError) { return (try SignalTime.date(iso8601: text), node) } catch {
                throw fields.failure(.invalidValue(error), at: node, field: "time")
            }
        default:
            throw fields.failure(
                .wrongType(expected: "a time as text or seconds from 1970", found: node.typeName),
                at: node,
                field: "time"
            )
        }
    }
}

/// The members of one object, with what an error about them has to say.
private struct Fields {
    let line: Int
    /// The object's own path; nil for the line.
    let path: String?
    let node: JSONNode

    func failure(_ problem: InvalidLine.Problem, at place: JSONNode? = nil, field: String? = nil) -> InvalidLine {
        let full = [path, field].compactMap(\.self).joined(separator: ".")
        return InvalidLine(
            line: line,
            column: (place ?? node).offset + 1,
            field: full.isEmpty ? nil : full,
            problem: problem
        )
    }

    func node(_ name: String) throws(InvalidLine) -> JSONNode {
        guard let node = node.member(name) else { throw failure(.missingField, field: name) }
        return node
    }

    func required(_ name: String) throws(InvalidLine) -> (text: String, node: JSONNode) {
        let node = try node(name)
        guard case .string(let text) = node.value else {
            throw failure(.wrongType(expected: "a string", found: node.typeName), at: node, field: name)
        }
        return (text, node)
    }

    /// The text of a member that may be missing or null.
    func optional(_ name: String) throws(InvalidLine) -> (text: String, node: JSONNode)? {
        guard let node = node.member(name), node.value != .null else { return nil }
        return try required(name)
    }
}
