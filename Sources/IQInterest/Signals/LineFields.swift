// Reading the members of a JSON object that stands on one line of a file, with errors that say where.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
internal import IQText

/// The members of one object, with what an error about them has to say.
struct LineFields {
    let line: Int
    /// The object's own path; nil for the line.
    let path: String?
    let node: JSONValue

    func failure(_ problem: InvalidLine.Problem, at place: JSONValue? = nil, field: String? = nil) -> InvalidLine {
        let full = [path, field].compactMap(\.self).joined(separator: ".")
        return InvalidLine(
            line: line,
            column: (place ?? node).byteOffset + 1,
            field: full.isEmpty ? nil : full,
            problem: problem
        )
    }

    func node(_ name: String) throws(InvalidLine) -> JSONValue {
        guard let node = node[name] else { throw failure(.missingField, field: name) }
        return node
    }

    func required(_ name: String) throws(InvalidLine) -> (text: String, node: JSONValue) {
        let node = try node(name)
        guard let text = node.string else {
            throw failure(.wrongType(expected: "a string", found: node.kindName), at: node, field: name)
        }
        return (text, node)
    }

    /// The text of a member that may be missing or null.
    func optional(_ name: String) throws(InvalidLine) -> (text: String, node: JSONValue)? {
        guard let node = node[name], !node.isNull else { return nil }
        return try required(name)
    }

    /// The member `time`: ISO 8601 with a zone, or a number of seconds from 1970.
    func time() throws(InvalidLine) -> (Date, JSONValue) {
        let node = try node("time")
        if let seconds = node.double { return (Date(timeIntervalSince1970: seconds), node) }
        guard let text = node.string else {
            throw failure(
                .wrongType(expected: "a time as text or seconds from 1970", found: node.kindName),
                at: node,
                field: "time"
            )
        }
        do throws(SignalError) { return (try SignalTime.date(iso8601: text), node) } catch {
            throw failure(.invalidValue(error), at: node, field: "time")
        }
    }
}
