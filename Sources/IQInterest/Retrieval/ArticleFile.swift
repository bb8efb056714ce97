// Files of articles, one to a line.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The articles of a file: JSON Lines, or MIND's `news.tsv` where the name ends in `.tsv`.
///
/// A line of JSON is what a ``NewsArticle`` encodes to:
/// ```json
/// {"id": "n1", "title": "A title", "abstract": "...", "category": "sports", "published": "2026-03-14T08:30:00Z"}
/// ```
/// `id` and `title` are required. Of MIND's tab-separated fields, id, category, subcategory, title, abstract and address are read;
/// a category `unknown` is read as none. Blank lines are passed over. Memory is bounded by the longest line.
public struct ArticleFile: Sendable {
    public let path: String
    /// Whether the lines are MIND's.
    public let isTabSeparated: Bool
    /// The longest line, in bytes.
    public static let maximumLineBytes = 1 << 20

    /// - Parameter path: the file; `-` is the standard input, in JSON Lines.
    public init(path: String) {
        self.path = path
        isTabSeparated = path.lowercased().hasSuffix(".tsv")
    }

    /// Calls `body` with each article.
    ///
    /// - Parameter skipped: called with each line that holds no article; nil ends the reading with an error there.
    /// - Throws: ``SignalFileError``, and what `body` throws.
    public func forEach(
        skipped: ((SignalFileError) -> Void)? = nil,
        _ body: (NewsArticle) throws -> Void
    ) throws {
        var reader = LineReader(file: try opened(), maximumLineBytes: Self.maximumLineBytes)
        while let line = try next(&reader) {
            let article: NewsArticle
            do throws(InvalidLine) {
                guard case .bytes(let bytes) = line else {
                    throw InvalidLine(
                        line: reader.lineNumber,
                        problem: .lineTooLong(maximumBytes: Self.maximumLineBytes)
                    )
                }
                if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
                article =
                    try isTabSeparated
                    ? Self.article(fields: bytes, number: reader.lineNumber)
                    : Self.article(json: bytes, number: reader.lineNumber)
            } catch {
                let failure = SignalFileError.invalidLine(path: path, error)
                guard let skipped else { throw failure }
                skipped(failure)
                continue
            }
            try body(article)
        }
    }

    private static func article(json bytes: [UInt8], number: Int) throws(InvalidLine) -> NewsArticle {
        do {
            return try JSONDecoder().decode(NewsArticle.self, from: Data(bytes))
        } catch let error as NewsArticleError {
            throw InvalidLine(line: number, problem: .notJSON(error.description))
        } catch DecodingError.keyNotFound(let key, _) {
            throw InvalidLine(line: number, field: key.stringValue, problem: .missingField)
        } catch DecodingError.typeMismatch(let type, let context) {
            throw InvalidLine(
                line: number,
                field: context.codingPath.last?.stringValue,
                problem: .wrongType(expected: "\(type)", found: "something else")
            )
        } catch {
            throw InvalidLine(line: number, problem: .notJSON("no object of an article"))
        }
    }

    private static func article(fields bytes: [UInt8], number: Int) throws(InvalidLine) -> NewsArticle {
        let fields = bytes.split(separator: 0x09, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count >= 6 else {
            throw InvalidLine(line: number, problem: .wrongType(expected: "MIND's 8 fields", found: "\(fields.count)"))
        }
        func known(_ category: String) -> String? { category == "unknown" ? nil : category }
        do {
            return try NewsArticle(
                id: fields[0],
                title: fields[3],
                abstract: fields[4],
                category: known(fields[1]),
                subcategory: known(fields[2]),
                url: fields[5].isEmpty ? nil : try UserSignal.address(fields[5])
            )
        } catch {
            throw InvalidLine(
                line: number,
                problem: .wrongType(expected: "an article", found: "another line: \(error)")
            )
        }
    }

    private func opened() throws(SignalFileError) -> FileBytes {
        do throws(FileBytes.Failure) { return try FileBytes(path: path) } catch { throw failure(error) }
    }

    private func next(_ reader: inout LineReader) throws(SignalFileError) -> LineReader.Line? {
        do throws(FileBytes.Failure) { return try reader.next() } catch { throw failure(error) }
    }

    private func failure(_ failure: FileBytes.Failure) -> SignalFileError {
        failure.isMissing ? .notFound(path: path) : .unreadable(path: path, reason: failure.reason)
    }
}
