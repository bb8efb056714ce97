// Laying one configuration over another.

import Foundation
import IQStudy
import Testing

@Suite("JSON laid over JSON")
struct JSONTreeTests {
    private func tree(_ text: String) throws -> JSONTree {
        try JSONDecoder().decode(JSONTree.self, from: Data(text.utf8))
    }

    @Test("merges objects key by key; null takes a key away; anything else takes the place of what was there")
    func merging() throws {
        let preset = try tree(#"{"a": {"b": 1, "c": [1, 2], "d": true}, "e": "x"}"#)
        let patch = try tree(#"{"a": {"b": null, "c": [3], "f": {"g": 0.5, "h": null}}, "e": {"i": 1}}"#)
        let expected = try tree(#"{"a": {"c": [3], "d": true, "f": {"g": 0.5}}, "e": {"i": 1}}"#)
        #expect(preset.merging(patch) == expected)
    }

    @Test("writes what it read")
    func roundTrip() throws {
        let text = #"{"a":[1,2.5,null,"x",false],"b":{"c":-9007199254740993}}"#
        let value = try tree(text)
        #expect(try JSONDecoder().decode(JSONTree.self, from: try JSONEncoder().encode(value)) == value)
    }
}
