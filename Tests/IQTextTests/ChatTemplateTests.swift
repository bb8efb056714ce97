// Chat templates as an application meets them: variables, the date, errors with their lines.

import IQText
import Testing

@Suite("A chat template")
struct ChatTemplateTests {
    private func template(_ source: String) throws -> ChatTemplate {
        try ChatTemplate(source: source, beginningOfText: "<s>", endOfText: "</s>")
    }

    @Test("sees the messages, the two tokens, and neither tools nor documents")
    func standardVariables() throws {
        let source = """
            {{ bos_token }}{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}{{ eos_token }}
            {{- tools is none }}{{ documents is none }}{{ add_generation_prompt }}
            """
        let text = try template(source).render([.user("Hi"), .assistant("Yo")], addingGenerationPrompt: true)
        #expect(text == "<s>user:Hi;assistant:Yo;</s>TrueTrueTrue")
    }

    @Test("leaves a token without a name undefined")
    func missingToken() throws {
        let template = try ChatTemplate(source: "{{ bos_token is defined }}", beginningOfText: nil, endOfText: nil)
        #expect(try template.render([], addingGenerationPrompt: false) == "False")
    }

    @Test("takes further variables, which may replace the standard ones")
    func furtherVariables() throws {
        let template = try template("{{ enable_thinking }}{{ tools|tojson }}{{ bos_token }}")
        let text = try template.render(
            [],
            addingGenerationPrompt: false,
            variables: [
                "enable_thinking": false, "tools": [["name": "search", "limit": 5, "weight": 1.5, "none": nil]],
                "bos_token": "<b>",
            ]
        )
        #expect(text == #"False[{"name": "search", "limit": 5, "weight": 1.5, "none": null}]<b>"#)
    }

    @Test("prints the date it is given, and 26 July 2024 without one")
    func date() throws {
        let template = try template("{{ strftime_now('%A %-d %B %Y %I:%M %p, day %j') }}")
        #expect(try template.render([], addingGenerationPrompt: false) == "Friday 26 July 2024 12:00 AM, day 208")
        let leapDay = ChatTemplateDate(year: 2000, month: 2, day: 29, hour: 13, minute: 5)
        let text = try template.render([], addingGenerationPrompt: false, variables: [:], date: leapDay)
        #expect(text == "Tuesday 29 February 2000 01:05 PM, day 060")
    }

    @Test("says what was wrong, and on which line")
    func errors() {
        let expected: [(String, ChatTemplateError)] = [
            ("a\n{{ x", .invalidSyntax(line: 2, found: "the end of the template", expected: "'}}'")),
            (
                "{% if x %}",
                .invalidSyntax(
                    line: 1,
                    found: "the end of the template",
                    expected: "'{% elif %}' or '{% else %}' or '{% endif %}'"
                )
            ),
            ("\n\n{{ x|nope }}", .unsupported(line: 3, construct: "the filter 'nope'")),
            ("{{ x is nope }}", .unsupported(line: 1, construct: "the test 'nope'")),
            ("\n{% include 'x' %}", .unsupported(line: 2, construct: "the statement 'include'")),
            ("{% for i in [1] recursive %}{% endfor %}", .unsupported(line: 1, construct: "a recursive loop")),
            ("{{ 'a'.encode() }}", .unsupported(line: 1, construct: "the string method 'encode'")),
            ("a\n{{ user.name }}", .undefinedValue(line: 2, name: "user", operation: "the attribute 'name'")),
            (
                "{{ 1 + 'a' }}",
                .invalidOperation(
                    line: 1,
                    operation: "'+'",
                    reason: "it has no meaning for an integer and a string"
                )
            ),
            (
                "{{ 9223372036854775807 + 1 }}",
                .invalidOperation(
                    line: 1,
                    operation: "'+'",
                    reason: "the result has more than 64 bits"
                )
            ),
            ("\n{{ raise_exception('No system role') }}", .raised(line: 2, message: "No system role")),
        ]
        for (source, error) in expected { #expect(outcome(of: source) == .failure(error), "\(source)") }
        for (_, error) in expected { #expect(!error.description.isEmpty && error.line >= 1) }
    }
}
