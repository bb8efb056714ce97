// Templates that mean harm, and templates that are damaged: each ends soon, with a text or a typed error.

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import IQText
import Testing

@Suite("Hostile chat templates")
struct ChatTemplateHostileTests {
    private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    private func limit(of source: String) -> ChatTemplateLimit? {
        guard case .failure(.limitExceeded(_, let limit)) = outcome(of: source) else { return nil }
        return limit
    }

    @Test("deep nesting is refused while the template is read")
    func nesting() {
        for source in [
            "{{ " + repeated("(", 10_000) + "1" + repeated(")", 10_000) + " }}",
            "{{ " + repeated("[", 10_000) + repeated("]", 10_000) + " }}",
            "{{ " + repeated("not ", 10_000) + "1 }}",
            "{{ " + repeated("-", 10_000) + "1 }}",
            "{{ " + repeated("1 if 1 else ", 10_000) + "1 }}",
            "{{ 1" + repeated(" if 1", 10_000) + " }}",
            "{{ a" + repeated("[a", 10_000) + repeated("]", 10_000) + " }}",
            "{{ 1" + repeated(" is in (1", 10_000) + repeated(")", 10_000) + " }}",
            "{% set " + repeated("(", 10_000) + "a" + repeated(")", 10_000) + " = 1 %}",
            repeated("{% if 1 %}", 10_000) + repeated("{% endif %}", 10_000),
        ] { #expect(limit(of: source) == .nesting, "\(source.prefix(40))") }
    }

    @Test("long chains are no nesting")
    func chains() {
        #expect(outcome(of: "{{ 0" + repeated(" + 1", 5_000) + " }}") == .success("5000"))
        #expect(outcome(of: "{{ 'a'" + repeated("|upper", 5_000) + " }}") == .success("A"))
        #expect(outcome(of: "{{ 'a'" + repeated(".strip()", 5_000) + " }}") == .success("a"))
        #expect(outcome(of: "{{ 1" + repeated(" and 1", 5_000) + " }}") == .success("1"))
    }

    @Test("endless macros, loops and texts stop at a limit")
    func resources() {
        #expect(limit(of: "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}") == .recursion)
        let loops = repeated("{% for i in range(100000) %}", 4) + repeated("{% endfor %}", 4)
        #expect(limit(of: loops) == .work)
        #expect(limit(of: "{{ 'a' * 999999999999 }}") == .work)
        #expect(limit(of: "{{ [1] * 999999999999 }}") == .work)
        let doubled =
            "{% set n = namespace(a='aaaaaaaa') %}{% for i in range(60) %}{% set n.a = n.a + n.a %}{% endfor %}"
        #expect(limit(of: doubled) == .work)
        #expect(limit(of: repeated("{{ 'a' * 40000000 }}", 2)) == .outputLength)
        #expect(limit(of: repeated(" ", 1 << 20) + "x") == .sourceLength)
        #expect(limit(of: "{{ ('a' * 100000).replace('', 'b' * 100000) }}") == .work)
        #expect(limit(of: "{{ 'a'|indent(999999999999) }}") == .work)
        #expect(limit(of: "{{ 'a'.zfill(999999999999) }}") == .work)
        #expect(limit(of: "{{ ['a']|tojson(indent=999999999999) }}") == .work)
    }

    @Test("values that hold one another many times stop at a limit")
    func sharedValues() {
        let nested = "{% set n = namespace(a=[]) %}{% for i in range(1000) %}{% set n.a = [n.a] %}{% endfor %}"
        #expect(limit(of: nested) == .nesting)
        let doubled = "{% set n = namespace(a=[]) %}{% for i in range(50) %}{% set n.a = [n.a, n.a] %}{% endfor %}"
        #expect(limit(of: doubled + "{{ n.a }}") == .work)
        #expect(limit(of: doubled + "{{ n.a|tojson }}") == .work)
        #expect(limit(of: doubled + "{{ n.a == n.a }}") == .work)
    }

    @Test("variables that nest too deeply are refused")
    func deepVariables() {
        var value: ChatTemplateVariable = 1
        for _ in 0..<100 { value = [value] }
        #expect(outcome(of: "", ["a": value]) == .failure(.limitExceeded(line: 1, limit: .nesting)))
    }

    @Test("integers at the edge do not trap")
    func integers() {
        let least = "(-9223372036854775807 - 1)"
        for source in [
            "{{ \(least) // -1 }}", "{{ \(least) % -1 }}", "{{ -\(least) }}", "{{ \(least)|abs }}",
            "{{ \(least) is divisibleby -1 }}", "{{ [1, 2][::\(least)] }}",
            "{{ [1, 2][\(least):9223372036854775807] }}",
            "{{ [1][\(least)] }}", "{{ 2 ** 9223372036854775807 }}", "{{ 1 ** 9223372036854775807 }}",
            "{{ 1e400|int }}",
            "{{ range(\(least), 9223372036854775807, 9223372036854775807) }}", "{{ 'a' * \(least) }}",
            "{{ 2.5 ** 1e300 }}",
            "{{ 'abc'.replace('', 'x', \(least)) }}", "{{ 'a b'.split(' ', \(least)) }}", "{{ 1e308 * 10 }}",
            "{{ 'a'.rsplit('abc') }}{{ 'a'.rfind('abc') }}{{ 'a'.find('abc') }}{{ 'a'.partition('abc') }}",
            "{{ 99999999999999999999 }}", "{{ 'x'.strip('') }}{{ [][::-1] }}{{ ''[::-1] }}",
        ] { _ = outcome(of: source) }
    }

    @Test("truncated and damaged templates end in a text or a typed error")
    func damaged() throws {
        let messages: ChatTemplateVariable = [
            ["role": "system", "content": "S"], ["role": "user", "content": "Hi"],
            ["role": "assistant", "content": "Yo", "tool_calls": [["name": "f", "arguments": ["a": 1]]]],
        ]
        let variables: [String: ChatTemplateVariable] = ["messages": messages, "add_generation_prompt": true]
        let pieces = [
            "{{", "}}", "{%", "%}", "-", "(", ")", "[", "]", "|", ".", "'", "not ", "if ", "for ", "\n", "é", "0",
        ]
        var generator = SplitMix(state: 20_240_726)
        for file in [
            "smollm2", "qwen2.5", "qwen3-like", "gemma3-like", "mistral-like", "llama2-like", "llama3.1-like", "macros",
        ] {
            let source = Array(try RecordedCases.template(file + ".jinja").unicodeScalars)
            func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
                var view = String.UnicodeScalarView()
                view.append(contentsOf: scalars)
                return String(view)
            }
            for end in stride(from: 0, to: source.count, by: 7) {
                _ = outcome(of: text(source[..<end]), variables)
                _ = outcome(of: text(source[end...]), variables)
            }
            for _ in 0..<400 {
                var damaged = source
                for _ in 0..<(1 + Int(generator.next() % 4)) {
                    let place = Int(generator.next() % UInt64(damaged.count))
                    let length = min(Int(generator.next() % 6), damaged.count - place - 1)
                    let piece = pieces[Int(generator.next() % UInt64(pieces.count))]
                    damaged.replaceSubrange(place..<(place + max(0, length)), with: piece.unicodeScalars)
                }
                _ = outcome(of: text(damaged), variables)
            }
        }
    }
}

/// Steele, Lea and Flood's generator, so that a failure can be repeated.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
