// MIND's table of articles.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The articles of MIND's `news.tsv`, read as they are asked for.
///
/// Source: Wu et al., "MIND: A Large-scale Dataset for News Recommendation", ACL 2020. Eight fields stand between tabs: id,
/// category, subcategory, title, abstract, address, entities of the title, entities of the abstract. Nothing is quoted: a
/// quotation mark is part of the text. The entities are passed over. A category `unknown` is read as none. Memory is
/// bounded by the longest line.
public struct MINDNewsFile: AsyncSequence, Sendable {
    public typealias Element = NewsArticle
    public typealias Failure = SignalFileError

    public let path: String
    public let options: RecordFileOptions

    /// - Parameters:
    ///   - path: the file; `-` is the standard input. It is opened when the first record is asked for.
    ///   - options: what is accepted.
    public init(path: String, options: RecordFileOptions = RecordFileOptions()) {
        self.path = path
        self.options = options
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(records: records) }

    /// Reads the file from its start. After an error it is at its end.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var records: RecordIterator<NewsArticle>

        public mutating func next() async throws(SignalFileError) -> NewsArticle? { try records.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(SignalFileError) -> NewsArticle?
        {
            try records.next()
        }
    }

    /// Opens the file and closes it again, so that a missing one is known early.
    ///
    /// - Throws: ``SignalFileError/notFound(path:)`` or ``SignalFileError/unreadable(path:reason:)``.
    public func checkReadable() throws(SignalFileError) { try RecordIterator<NewsArticle>.checkReadable(path: path) }

    /// All records, in memory.
    public func readAll() throws(SignalFileError) -> [NewsArticle] { try records.rest() }

    /// The plain iterator under the asynchronous one.
    var records: RecordIterator<NewsArticle> {
        RecordIterator(
            path: path,
            maximumLineBytes: options.maximumLineBytes,
            invalidLines: options.invalidLines,
            parse: Self.article
        )
    }

    /// What stands for a category that nobody knows.
    static let unknownCategory = "unknown"
    /// The number of fields of a line.
    static let fieldCount = 8

    @Sendable
    static func article(line bytes: [UInt8], number: Int) throws(InvalidLine) -> NewsArticle {
        let fields = try TabSeparatedLine(bytes, number: number, fieldCount: fieldCount)
        func category(_ index: Int) throws(InvalidLine) -> String? {
            let text = try fields.text(index)
            return text == unknownCategory ? nil : text
        }
        let address = try fields.text(5)
        var url: URL?
        if !address.isEmpty {
            do throws(SignalError) { url = try UserSignal.address(address) } catch {
                throw fields.failure(.invalidValue(error), at: 5, name: "url")
            }
        }
        let (id, title, abstract) = (try fields.text(0), try fields.text(3), try fields.text(4))
        let (section, subsection) = (try category(1), try category(2))
        do throws(NewsArticleError) {
            return try NewsArticle(
                id: id,
                title: title,
                abstract: abstract,
                category: section,
                subcategory: subsection,
                url: url
            )
        } catch {
            switch error {
            case .invalidID: throw fields.failure(.invalidArticle(error), at: 0, name: "id")
            case .tooLong(.category, _, _): throw fields.failure(.invalidArticle(error), at: 1, name: "category")
            case .tooLong(.subcategory, _, _): throw fields.failure(.invalidArticle(error), at: 2, name: "subcategory")
            case .tooLong(.abstract, _, _): throw fields.failure(.invalidArticle(error), at: 4, name: "abstract")
            case .invalidURL: throw fields.failure(.invalidArticle(error), at: 5, name: "url")
            default: throw fields.failure(.invalidArticle(error), at: 3, name: "title")
            }
        }
    }
}
