// Stop strings: nothing of one is ever passed on, and nothing else is lost.

import Testing

import IQModel

@Suite struct StopStringFilterTests {
    private func run(_ stops: [String], _ pieces: [String]) -> (text: String, isStopped: Bool) {
        var filter = StopStringFilter(stops)
        var text = ""
        var isStopped = false
        for piece in pieces {
            text += filter.append(piece, isStopped: &isStopped)
            if isStopped { return (text, true) }
        }
        return (text + filter.finish(), false)
    }

    @Test func textWithoutStopStringsPassesAtOnce() {
        var filter = StopStringFilter([])
        var isStopped = false
        #expect(filter.append("abc", isStopped: &isStopped) == "abc")
        #expect(!isStopped)
    }

    @Test func stopStringIsCutHoweverItIsSplit() {
        for pieces in [["one END two"], ["one E", "ND two"], ["one ", "E", "N", "D"], ["one E", "", "ND"]] {
            let result = run(["END"], pieces)
            #expect(result.text == "one ")
            #expect(result.isStopped)
        }
    }

    @Test func beginningOfAStopStringThatGoesElsewhereIsKept() {
        #expect(run(["END"], ["EN", "D".lowercased(), " E", "N"]).text == "ENd EN")
        #expect(run(["aab"], ["a", "a", "a", "a", "c"]).text == "aaaac")
        #expect(run(["aab"], ["a", "a", "a", "b", "c"]).text == "a")
    }

    @Test func earliestOfSeveralWins() {
        #expect(run(["yy", "x"], ["ab", "yxy"]).text == "aby")
        #expect(run(["\n\n", "###"], ["a\n", "b\n", "\nc"]).text == "a\nb")
    }

    @Test func charactersOfSeveralBytesStayWhole() {
        #expect(run(["é!"], ["caf", "é", "?"]).text == "café?")
        #expect(run(["🙂"], ["a🙂b"]).text == "a")
    }
}
