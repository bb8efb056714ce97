// Our analyser as a tokenizer of FTS5, so that the file's words are those of the library's BM25.

internal import GRDB
internal import IQInterest

/// Tokens of ``TextAnalyzer``, stop words included: those are a matter of the query.
final class WordTokenizer: FTS5CustomTokenizer {
    static let name = "iq_words"

    init(db: Database, arguments: [String]) throws {}

    func tokenize(
        context: UnsafeMutableRawPointer?,
        tokenization: FTS5Tokenization,
        pText: UnsafePointer<CChar>?,
        nText: CInt,
        tokenCallback: @escaping FTS5TokenCallback
    ) -> CInt {
        guard let pText, nText > 0 else { return 0 }
        let bytes = UnsafeRawBufferPointer(start: pText, count: Int(nText))
        let text = String(decoding: bytes, as: UTF8.self)
        // Text that was not UTF-8 has grown; places in it would lie beyond FTS5's.
        let isWhole = text.utf8.count == bytes.count
        do {
            try TextAnalyzer.forEachToken(of: text) { token, range in
                let range = isWhole ? range : 0..<bytes.count
                let status = token.utf8.withContiguousStorageIfAvailable { token in
                    token.withMemoryRebound(to: CChar.self) {
                        tokenCallback(
                            context,
                            0,
                            $0.baseAddress,
                            CInt($0.count),
                            CInt(range.lowerBound),
                            CInt(range.upperBound)
                        )
                    }
                }
                if let status, status != 0 { throw Stopped(code: status) }
            }
        } catch let stopped as Stopped {
            return stopped.code
        } catch {
            return 1
        }
        return 0
    }

    /// FTS5 wants no more, or has failed.
    private struct Stopped: Error { let code: CInt }
}
