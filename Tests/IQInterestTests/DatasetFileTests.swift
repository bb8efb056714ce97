import IQInterest
import Synchronization
import Testing

// All of Foundation: one test starts a process.
import Foundation

@Suite("Files of MIND and of impressions")
struct DatasetFileTests {
    private let news = "N1\tsports\tsoccer\tA \"quoted\" title\tAn abstract\thttps://a.example/x.html\t[]\t[{\"a\": 1}]"
    private let behavior = "7\tU1\t11/15/2019 8:55:22 AM\tN1 N2\tN3-1 N-4-0"

    private func newsFailure(_ text: String) throws -> InvalidLine? {
        let file = try TemporaryFile(text)
        do throws(SignalFileError) { _ = try MINDNewsFile(path: file.path).readAll() } catch {
            guard case .invalidLine(_, let line) = error else { return nil }
            return line
        }
        return nil
    }

    private func behaviorFailure(_ text: String) throws -> InvalidLine? {
        let file = try TemporaryFile(text)
        do throws(SignalFileError) { _ = try MINDBehaviorsFile(path: file.path).readAll() } catch {
            guard case .invalidLine(_, let line) = error else { return nil }
            return line
        }
        return nil
    }

    @Test("a line of news.tsv is an article; quotation marks are text and empty fields are none")
    func articles() throws {
        let file = try TemporaryFile(news + "\r\nN2\tunknown\t\tTitle\t\t\t\t\n")
        let articles = try MINDNewsFile(path: file.path).readAll()
        #expect(articles.map(\.id) == ["N1", "N2"])
        #expect(articles[0].title == "A \"quoted\" title")
        #expect(articles[0].category == "sports" && articles[0].subcategory == "soccer")
        #expect(articles[0].url?.absoluteString == "https://a.example/x.html")
        #expect(articles[1].category == nil && articles[1].abstract == nil && articles[1].url == nil)
    }

    @Test("a line of behaviors.tsv is an impression; ids may hold hyphens, and the clock has twelve hours")
    func impressions() throws {
        let file = try TemporaryFile(
            behavior + "\n8\tU2\t11/15/2019 12:00:00 PM\t\tN1-0\n9\tU2\t11/15/2019 12:00:01 AM\t\tN1-0\n"
        )
        let impressions = try MINDBehaviorsFile(path: file.path).readAll()
        #expect(impressions[0].id == "7" && impressions[0].person == "U1" && impressions[0].history == ["N1", "N2"])
        #expect(impressions[0].slate.map(\.article) == ["N3", "N-4"])
        #expect(impressions[0].clicks == ["N3"])
        // date -u -d '2019-11-15 08:55:22' +%s
        #expect(impressions[0].time.timeIntervalSince1970 == 1_573_808_122)
        #expect(impressions[1].time.timeIntervalSince1970 == 1_573_819_200)
        #expect(impressions[2].time.timeIntervalSince1970 == 1_573_776_001)
        #expect(impressions[1].history.isEmpty)
        #expect(Set(impressions.map(\.day)) == [18215])
    }

    @Test("a wrong line is refused with its number, field and reason")
    func refused() throws {
        #expect(
            try newsFailure(news + "\nN2\tsports") == InvalidLine(line: 2, problem: .wrongFieldCount(2, expected: 8))
        )
        let untitled = try newsFailure("N2\tsports\tsoccer\t \t\t\t\t")
        #expect(untitled?.field == "title" && untitled?.problem == .invalidArticle(.emptyTitle))
        #expect(try newsFailure("N2\ts\ts\tT\t\tno address\t\t")?.field == "url")
        let entry = try behaviorFailure(behavior + "\n8\tU1\t11/15/2019 8:55:22 AM\tN1\tN3-1 N4")
        #expect(entry?.line == 2 && entry?.field == "slate")
        #expect(entry?.problem == .invalidImpression(.invalidSlateEntry("N4")))
        #expect(
            try behaviorFailure("7\tU1\t2019-11-15\tN1\tN3-1")?.problem
                == .invalidImpression(.invalidTime("2019-11-15"))
        )
        #expect(try behaviorFailure("7\tU1\t2/29/2019 1:00:00 AM\tN1\tN3-1")?.field == "time")
        #expect(try behaviorFailure("7\tU1\t11/15/2019 13:00:00 PM\tN1\tN3-1")?.field == "time")
        #expect(try behaviorFailure("7\tU1\t11/15/2019 1:00:00 AM\tN1\t")?.problem == .invalidImpression(.emptySlate))
        #expect(try behaviorFailure("7\t\t11/15/2019 1:00:00 AM\tN1\tN2-0")?.field == "person")
    }

    @Test("wrong lines can be reported and passed over")
    func skipping() throws {
        let file = try TemporaryFile(behavior + "\nbroken\n" + behavior)
        let reports = Reports()
        let options = RecordFileOptions(invalidLines: .skip { reports.add($0) })
        #expect(try MINDBehaviorsFile(path: file.path, options: options).readAll().count == 2)
        #expect(reports.count == 1)
    }

    @Test("impressions in JSON Lines come back as they were written")
    func jsonLines() async throws {
        let file = try TemporaryFile(behavior)
        let original = try #require(try MINDBehaviorsFile(path: file.path).readAll().first)
        let copy = try TemporaryFile(ImpressionFile.line(of: original) + "\n\n" + ImpressionFile.line(of: original))
        var count = 0
        for try await impression in ImpressionFile(path: copy.path) {
            #expect(impression == original)
            count += 1
        }
        #expect(count == 2)
    }

    @Test(
        "a wrong impression in JSON says which field",
        arguments: [
            (#"{"person":"p","time":1,"history":[]}"#, "slate"),
            (#"{"person":"p","time":1,"history":[1],"slate":[]}"#, "history[0]"),
            (#"{"person":"p","time":1,"history":[],"slate":[{"article":"a"}]}"#, "slate[0].clicked"),
            (#"{"person":"p","time":1,"history":[],"slate":[{"article":"a","clicked":1}]}"#, "slate[0].clicked"),
            (#"{"person":"p","time":"now","history":[],"slate":[{"article":"a","clicked":true}]}"#, "time"),
            (#"{"person":"","time":1,"history":[],"slate":[{"article":"a","clicked":true}]}"#, "person"),
        ]
    )
    func jsonFailures(text: String, field: String) throws {
        let file = try TemporaryFile(text)
        do throws(SignalFileError) {
            _ = try ImpressionFile(path: file.path).readAll()
            Issue.record("\(text) was accepted")
        } catch {
            guard case .invalidLine(_, let line) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(line.field == field && line.line == 1)
        }
    }

    #if os(Linux)
        /// Memory is counted for a whole process, so a process of its own runs this; see below.
        private static let isAlone = ProcessInfo.processInfo.environment["INTEREST_QUERY_MEMORY_TEST"] != nil

        @Test("a million lines are read in constant memory")
        func constantMemory() throws {
            guard !Self.isAlone else { return }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
            process.arguments = ["--testing-library", "swift-testing", "--filter", "constantMemoryAlone"]
            process.environment = ProcessInfo.processInfo.environment.merging(["INTEREST_QUERY_MEMORY_TEST": "1"]) {
                $1
            }
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        }

        @Test("a million lines, alone in a process", .enabled(if: isAlone, "run by the test above"))
        func constantMemoryAlone() async throws {
            // As bytes that are gone before the reading starts.
            let file = try TemporaryFile(String(repeating: behavior + "\n", count: 1_000_000))
            var count = 0
            var before = 0
            for try await impression in MINDBehaviorsFile(path: file.path) {
                count += impression.clicks.count
                if count == 1000 { before = try residentBytes() }
            }
            let growth = try residentBytes() - before
            #expect(count == 1_000_000)
            // The file itself has 48 MB, and its records some 400.
            #expect(growth < 32 << 20, "\(growth) bytes")
        }

        private func residentBytes() throws -> Int {
            let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
        }
    #endif
}

/// Errors that a policy reported.
private final class Reports: Sendable {
    private let errors = Mutex<[SignalFileError]>([])

    func add(_ error: SignalFileError) { errors.withLock { $0.append(error) } }
    var count: Int { errors.withLock(\.count) }
}
