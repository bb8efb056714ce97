// A day and time without a calendar library, for templates that print today's date.

/// The day and time that a chat template sees as now.
///
/// Rendering never asks the system's clock: the same messages give the same text. Applications that want today's date in
/// the prompt pass it.
public struct ChatTemplateDate: Sendable, Hashable {
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int

    /// The date of renderings that name none: 26 July 2024, midnight.
    public static let standard = ChatTemplateDate(year: 2024, month: 7, day: 26)

    /// A date of the Gregorian calendar. Parts out of range are drawn to the nearest that is in it.
    public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        self.year = min(max(year, 1), 9999)
        self.month = min(max(month, 1), 12)
        self.day = min(max(day, 1), 31)
        self.hour = min(max(hour, 0), 23)
        self.minute = min(max(minute, 0), 59)
        self.second = min(max(second, 0), 59)
    }

    private static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

    private var isLeapYear: Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
    private var dayOfYear: Int { Self.daysBeforeMonth[month - 1] + day + (isLeapYear && month > 2 ? 1 : 0) }

    /// 0 for Sunday; 1 January of the year 1 was a Monday.
    private var weekday: Int {
        let years = year - 1
        return (years * 365 + years / 4 - years / 100 + years / 400 + dayOfYear) % 7
    }

    /// The date in C's `strftime` notation, English names; nil and the directive for one that is not known.
    func formatted(_ format: String) -> (text: String?, unknown: String) {
        func digits(_ value: Int, _ width: Int, _ pad: Character = "0") -> String {
            let text = String(value)
            return String(repeating: pad, count: max(0, width - text.utf8.count)) + text
        }
        let hourOfHalfDay = (hour + 11) % 12 + 1
        var result = ""
        var scalars = format.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            guard var directive = scalars.next() else { return (nil, "%") }
            let isUnpadded = directive == "-"
            if isUnpadded {
                guard let next = scalars.next() else { return (nil, "%-") }
                directive = next
            }
            func number(_ value: Int, _ width: Int) -> String { isUnpadded ? String(value) : digits(value, width) }
            switch directive {
            case "Y": result += String(year)
            case "y": result += number(year % 100, 2)
            case "m": result += number(month, 2)
            case "d": result += number(day, 2)
            case "e": result += isUnpadded ? String(day) : digits(day, 2, " ")
            case "H": result += number(hour, 2)
            case "I": result += number(hourOfHalfDay, 2)
            case "M": result += number(minute, 2)
            case "S": result += number(second, 2)
            case "j": result += number(dayOfYear, 3)
            case "p": result += hour < 12 ? "AM" : "PM"
            case "B": result += Self.monthNames[month - 1]
            case "b", "h": result += String(Self.monthNames[month - 1].prefix(3))
            case "A": result += Self.weekdayNames[weekday]
            case "a": result += String(Self.weekdayNames[weekday].prefix(3))
            case "F": result += "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
            case "T": result += "\(digits(hour, 2)):\(digits(minute, 2)):\(digits(second, 2))"
            case "R": result += "\(digits(hour, 2)):\(digits(minute, 2))"
            case "%": result += "%"
            default: return (nil, "%\(isUnpadded ? "-" : "")\(directive)")
            }
        }
        return (result, "")
    }
}
