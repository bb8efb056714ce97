// JSON Lines of prompt / completion pairs.

internal import IQModel
internal import IQText

/// A file of pairs that cannot be read.
public enum PairFileError: Error, Equatable, Sendable, CustomStringConvertible {
    case notFound(path: String)
    /// The system refuses to read the file; `code` is its errno.
    case notReadable(path: String, code: Int32)
    /// A line, counted from 1, holds no pair; `column` is the byte in it, from 1, where that is known.
    case invalidLine(path: String, line: Int, column: Int?, LineProblem)

    /// What is wrong with a line.
    public enum LineProblem: Equatable, Sendable, CustomStringConvertible {
        case notJSON(String)
        case wrongType(field: String?, expected: String, found: String)
        case missingField(String)
        /// The line has the fields of none of the three kinds of pairs.
        case notAPair(fields: [String])

        public var description: String {
            switch self {
            case .notJSON(let problem): "this is not JSON: \(problem)"
            case .wrongType(let field, let expected, let found):
                (field.map { "\($0): " } ?? "") + "\(expected) was expected and \(found) found"
            case .missingField(let name): "\(name) is missing; add it"
            case .notAPair(let fields):
                "this is no pair: it has \(fields.isEmpty ? "no fields" : fields.joined(separator: ", ")); give prompt and "
                    + "completion, or messages, or prompt_tokens and completion_tokens"
            }
        }
    }

    public var description: String {
        switch self {
        case .notFound(let path): "there is no file at \(path)"
        case .notReadable(let path, let code): "cannot read \(path): \(systemErrorText(code))"
        case .invalidLine(let path, let line, let column, let problem):
            "\(path), line \(line)\(column.map { ", column \($0)" } ?? ""): \(problem)"
        }
    }
}

/// Pairs in JSON Lines, one to a line:
/// ```json
/// {"prompt": "2 + 2 =", "completion": " 4"}
/// {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good day."}]}
/// {"prompt_tokens": [1, 2, 3], "completion_tokens": [4, 5]}
/// ```
/// Other fields are ignored. Blank lines, a byte order mark and CR LF are accepted.
public struct SupervisedPairFile: Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    /// All pairs, in the order of the file.
    public func readAll() throws(PairFileError) -> [SupervisedPair] {
        var bytes: [UInt8]
        do {
            bytes = try FileReader.contents(path)
        } catch {
            throw error.code == 2 ? .notFound(path: path) : .notReadable(path: path, code: error.code)
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        var pairs: [SupervisedPair] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let blanks: [UInt8] = [0x20, 0x09, 0x0D]
            if line.allSatisfy({ blanks.contains($0) }) { continue }
            do throws(LineFault) {
                pairs.append(try pair(Array(line)))
            } catch {
                throw .invalidLine(path: path, line: index + 1, column: error.column, error.problem)
            }
        }
        return pairs
    }

    private struct LineFault: Error {
        var problem: PairFileError.LineProblem
        var column: Int?
    }

    private func pair(_ line: [UInt8]) throws(LineFault) -> SupervisedPair {
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONDocument(line, maximumDepth: 16).root
        } catch {
            throw LineFault(problem: .notJSON(error.explanation), column: error.byteOffset + 1)
        }
        guard let members = root.members else {
            throw LineFault(problem: .wrongType(field: nil, expected: "an object", found: root.kindName))
        }
        if let messages = root["messages"] { return .messages(try conversation(messages)) }
        if root["prompt_tokens"] != nil || root["completion_tokens"] != nil {
            return .tokens(prompt: try tokens(root, "prompt_tokens"), completion: try tokens(root, "completion_tokens"))
        }
        if root["prompt"] != nil || root["completion"] != nil {
            return .text(prompt: try text(root, "prompt"), completion: try text(root, "completion"))
        }
        throw LineFault(problem: .notAPair(fields: members.compactMap { $0.key.string }))
    }

    private func conversation(_ value: JSONValue) throws(LineFault) -> [ChatMessage] {
        guard let elements = value.elements else { throw wrongType(value, "messages", "an array of messages") }
        var messages: [ChatMessage] = []
        for (index, element) in elements.enumerated() {
            guard element.isObject else { throw wrongType(element, "messages[\(index)]", "an object") }
            let place = "messages[\(index)]."
            messages.append(
                ChatMessage(
                    role: try text(element, "role", place: place),
                    content: try text(element, "content", place: place)
                )
            )
        }
        return messages
    }

    private func text(_ object: JSONValue, _ name: String, place: String = "") throws(LineFault) -> String {
        guard let value = object[name] else { throw LineFault(problem: .missingField(place + name)) }
        guard let text = value.string else { throw wrongType(value, place + name, "a string") }
        return text
    }

    private func tokens(_ object: JSONValue, _ name: String) throws(LineFault) -> [TokenID] {
        guard let value = object[name] else { throw LineFault(problem: .missingField(name)) }
        guard let elements = value.elements else { throw wrongType(value, name, "an array of token numbers") }
        var tokens: [TokenID] = []
        for element in elements {
            guard let token = element.integer.flatMap({ TokenID(exactly: $0) }) else {
                throw wrongType(element, name, "a token number")
            }
            tokens.append(token)
        }
        return tokens
    }

    private func wrongType(_ value: JSONValue, _ field: String, _ expected: String) -> LineFault {
        LineFault(
            problem: .wrongType(field: field, expected: expected, found: value.kindName),
            column: value.byteOffset + 1
        )
    }
}
