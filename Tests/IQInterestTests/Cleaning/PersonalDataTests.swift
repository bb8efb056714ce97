import IQInterest
import Testing

@Suite("Personal data")
struct PersonalDataTests {
    @Test(
        "is found by its form and its check digits",
        arguments: [
            // The numbers of cards and accounts are those that the payment networks and registries publish as examples.
            ("mail jane.doe+news@mail.example.org now", [PersonalDataKind.emailAddress]),
            ("jörg@münchen.example", [.emailAddress]),
            ("a@b.example and c@d.example", [.emailAddress]),
            ("4111 1111 1111 1111", [.cardNumber]), ("card 5555-5555-5555-4444 exp 10/29", [.cardNumber]),
            ("378282246310005", [.cardNumber]),
            ("４１１１ １１１１ １１１１ １１１１", [.cardNumber]),
            ("GB82 WEST 1234 5698 7654 32", [.bankAccount]), ("iban DE89370400440532013000", [.bankAccount]),
            ("call +44 20 7946 0958", [.phoneNumber]), ("(212) 555-0142", [.phoneNumber]),
            ("1-800-555-0199", [.phoneNumber]),
            ("212‑555‑0142", [.phoneNumber]), ("Tel. 030 / 1234567", [.phoneNumber]), ("٠٣٠ ١٢٣٤ ٥٦٧", [.phoneNumber]),
            ("078-05-1120", [.socialSecurityNumber]), ("server 192.168.17.4 down", [.networkAddress]),
            ("2001:db8:85a3:0:0:8a2e:370:7334", [.networkAddress]), ("fe80::1ff:fe23:4567", [.networkAddress]),
            ("123456789012", [.longIdentifier]), ("123e4567-e89b-12d3-a456-426614174000", [.longIdentifier]),
            ("session a1b2c3d4e5f6a7b8c9", [.longIdentifier]),
            ("12 Oak Ave Apt 4", [.streetAddress]), ("1600 Elm Street, Springfield", [.streetAddress]),
            ("weather at 77 Long Hill Road 90210", [.streetAddress]),
            ("Lindenstraße 12, 10115 Berlin", [.streetAddress]),
        ]
    )
    func found(text: String, kinds: [PersonalDataKind]) {
        #expect(PersonalDataRule().finding(in: text) == .personalData(kinds))
    }

    @Test(
        "is not seen where there is none",
        arguments: [
            "4111 1111 1111 1112", "GB82 WEST 1234 5698 7654 33", "300.1.1.1", "12:30:45", "2019-11-15",
            "15.11.2019 10 30",
            "1,000,000,000", "F1 2019 10 25", "world cup 2018 2022 2026", "5 ways to drive, safely", "21 Jump Street",
            "ISO 27001 2013",
            "@realuser says", "a@b", "twitter @ 10", "3.14159", "000-12-3456", "10-20-30", "Boeing 737-800 737-900",
            "call 911",
        ]
    )
    func absent(text: String) {
        #expect(PersonalDataRule().finding(in: text) == nil)
    }

    @Test("is found only of the kinds that are asked for")
    func kinds() {
        let rule = PersonalDataRule(kinds: [.phoneNumber])
        #expect(rule.finding(in: "a@b.example") == nil)
        #expect(rule.finding(in: "a@b.example, (212) 555-0142") == .personalData([.phoneNumber]))
    }

    @Test("is replaced by its kind, and the rest of the text stays")
    func redaction() {
        let text = "📧 jane@mail.example or (212) 555-0142, 10 Oak St Apt 4!"
        #expect(
            PersonalData().redacted(text) == "📧 [emailAddress] or [phoneNumber], [streetAddress]"
        )
        #expect(PersonalData().redacted("nothing here") == "nothing here")
    }

    @Test("redacted once, stays so")
    func redactedTwice() {
        for text in [
            "a@b.example x", "4111 1111 1111 1111", "GB82 WEST 1234 5698 7654 32", "192.168.0.1 and 123456789012",
        ] {
            let once = PersonalData().redacted(text)
            #expect(PersonalData().redacted(once) == once)
            #expect(once != text)
        }
    }

    @Test("has matches in order, without overlaps, within the text")
    func places() {
        let text = "123456789012 x@y.example 4111 1111 1111 1111 10.0.0.1"
        let matches = PersonalData().matches(in: text)
        #expect(matches.map(\.kind) == [.longIdentifier, .emailAddress, .cardNumber, .networkAddress])
        for (one, next) in zip(matches, matches.dropFirst()) {
            #expect(one.scalars.upperBound <= next.scalars.lowerBound)
        }
        #expect(matches.last?.scalars.upperBound == text.unicodeScalars.count)
    }
}
