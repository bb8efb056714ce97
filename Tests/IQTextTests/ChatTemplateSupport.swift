// What the tests of chat templates share: recorded cases, read from JSON with members in order.

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import IQText
import Testing
import _IQTestSupport

/// What Jinja2 made of a template.
enum RecordedOutcome: Equatable, CustomStringConvertible {
    case text(String)
    /// `syntax`, `undefined`, `security`, `operation` or `raised`.
    case failure(kind: String, message: String?)

    var description: String {
        switch self {
        case .text(let text): text.debugDescription
        case .failure(let kind, let message): "\(kind) \(message ?? "")"
        }
    }

    /// Whether this interpreter's error is of the kind that Jinja2's was.
    func matches(_ error: ChatTemplateError) -> Bool {
        guard case .failure(let kind, let message) = self else { return false }
        return switch (kind, error) {
        case ("syntax", .invalidSyntax), ("syntax", .unsupported): true
        // Python finds a `break` outside a loop only when it compiles what Jinja2 made.
        case ("operation", .invalidSyntax), ("operation", .invalidOperation), ("operation", .undefinedValue): true
        case ("undefined", .undefinedValue), ("security", .undefinedValue): true
        case ("raised", .raised(_, let raised)): raised == message
        default: false
        }
    }
}

struct RecordedCase {
    var template: String
    var name: String
    var variables: [String: ChatTemplateVariable]
    var outcome: RecordedOutcome
}

enum RecordedCases {
    /// Cases of a resource; those without variables of their own take the file's.
    static func load(_ file: String) throws -> [RecordedCase] {
        let root = try JSONDocument([UInt8](try resource(file))).root
        let common = try variables(root["variables"])
        let cases = try #require(root["cases"]?.elements)
        return try cases.map { entry in
            let outcome: RecordedOutcome =
                if let output = entry["output"]?.string {
                    .text(output)
                } else {
                    .failure(kind: try #require(entry["error"]?.string), message: entry["message"]?.string)
                }
            return RecordedCase(
                template: try #require(entry["template"]?.string),
                name: entry["name"]?.string ?? "",
                variables: entry["variables"] == nil ? common : try variables(entry["variables"]),
                outcome: outcome
            )
        }
    }

    static func resource(_ file: String) throws -> Data {
        try Data(contentsOf: packageFolder.appending(path: "Tests/IQTextTests/Resources/\(file)"))
    }

    /// A whole template, as its model or its author wrote it.
    static func template(_ file: String) throws -> String {
        String(decoding: try resource("Templates/\(file)"), as: UTF8.self)
    }

    private static func variables(_ value: JSONValue?) throws -> [String: ChatTemplateVariable] {
        var result: [String: ChatTemplateVariable] = [:]
        guard let members = value?.members else { return result }
        for (name, value) in members { result[try #require(name.string)] = try variable(value) }
        return result
    }

    static func variable(_ value: JSONValue) throws -> ChatTemplateVariable {
        if value.isNull { return .null }
        if let bool = value.bool { return .boolean(bool) }
        if let integer = value.integer { return .integer(integer) }
        if let double = value.double { return .number(double) }
        if let string = value.string { return .string(string) }
        if let elements = value.elements { return .array(try elements.map(variable)) }
        return .object(
            try #require(value.members).map { .init(try #require($0.key.string), try variable($0.value)) }
        )
    }
}

/// The text of a template, or its error.
func outcome(
    of source: String,
    _ variables: [String: ChatTemplateVariable] = [:]
) -> Result<String, ChatTemplateError> {
    do throws(ChatTemplateError) {
        let template = try ChatTemplate(source: source, beginningOfText: nil, endOfText: nil)
        return .success(try template.render(variables: variables))
    } catch {
        return .failure(error)
    }
}

/// Holds one recorded case against this interpreter.
func expectRecorded(_ recorded: RecordedCase, template: String) {
    switch (outcome(of: template, recorded.variables), recorded.outcome) {
    case (.success(let text), .text(let expected)):
        #expect(Array(text.unicodeScalars) == Array(expected.unicodeScalars), "\(recorded.template) \(recorded.name)")
    case (.failure(let error), .failure):
        #expect(
            recorded.outcome.matches(error),
            "\(recorded.template) \(recorded.name): \(error); Jinja2: \(recorded.outcome)"
        )
    case (let found, let expected):
        Issue.record("\(recorded.template) \(recorded.name): \(found); Jinja2: \(expected)")
    }
}
