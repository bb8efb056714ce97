// A small app: what one reader did goes in, news search queries come out.
//
//   swift run -c release InterestApp path/to/model

import InterestQueryKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@main
struct InterestApp {
    static func main() async throws {
        guard let path = CommandLine.arguments.dropFirst().first else {
            print("usage: InterestApp MODEL    (a GGUF file or a Hugging Face folder)")
            return
        }
        let url = URL(fileURLWithPath: path)

        let signals = [
            try UserSignal(kind: .webSearch, time: "2026-03-02T19:05:00Z", text: "kite festival dates"),
            try UserSignal(
                kind: .newsClick,
                time: "2026-03-03T07:40:00Z",
                text: "Offshore wind farm gets the go-ahead"
            ),
            try UserSignal(kind: .webSearch, time: "2026-03-03T18:12:00Z", text: "how do floating wind turbines work"),
            try UserSignal(kind: .pageVisit, time: "2026-03-04T08:01:00Z", text: "Tide tables for the estuary"),
            try UserSignal(
                kind: .newsClick,
                time: "2026-03-05T07:32:00Z",
                text: "Port city plans a museum of navigation"
            ),
            try UserSignal(kind: .webSearch, time: "2026-03-05T21:47:00Z", text: "used sea kayak price"),
            try UserSignal(kind: .newsClick, time: "2026-03-06T07:35:00Z", text: "Seal pups counted from the air"),
            try UserSignal(kind: .pageVisit, time: "2026-03-06T20:15:00Z", text: "Repairing a fibreglass hull"),
        ]

        let generator = try await InterestQueryGenerator(modelAt: url)
        let list = try await generator.queries(for: signals)
        for query in list { print(query) }
    }
}
