// Ten people with five labelled lists each, written by hand.

extension LabelledPerson {
    static let all: [LabelledPerson] = [
        LabelledPerson(
            titles: [
                "Tidal turbine passes its first winter test", "Grid operators prepare for more wave power",
                "How to keep tulip bulbs over winter", "Best late vegetables for a cold garden",
            ],
            good: ["tidal turbine winter test", "tulip bulbs cold garden"],
            generic: ["news", "best stories"],
            repetitive: ["tidal turbine test", "tidal turbine tests"],
            foreign: ["boxing title fight tonight", "crypto exchange bankruptcy"],
            partial: ["tidal turbine winter test"]
        ),
        LabelledPerson(
            titles: [
                "Quarterback out for the season after knee surgery", "Playoff picture: who is still in the race",
                "Sourdough starters explained by a baker", "Ten weeknight pasta recipes",
            ],
            good: ["quarterback knee surgery playoff race", "sourdough baker pasta recipes"],
            generic: ["sports", "food today"],
            repetitive: ["quarterback knee surgery", "knee surgery for quarterback"],
            foreign: ["supreme court ruling on copyright", "volcano eruption warning"],
            partial: ["sourdough baker pasta recipes"]
        ),
        LabelledPerson(
            titles: [
                "Central bank holds interest rates steady", "Bond yields fall as inflation cools",
                "New electric pickup gets a price and a range", "Used electric cars are getting cheaper",
            ],
            good: ["central bank interest rates inflation", "electric pickup price range"],
            generic: ["money", "cars"],
            repetitive: ["central bank interest rates", "interest rates central bank"],
            foreign: ["celebrity wedding photos", "youth football camp"],
            partial: ["electric pickup price range"]
        ),
        LabelledPerson(
            titles: [
                "Astronomers find water vapour on a distant planet", "Rocket landing streamed live from the coast",
                "Flu vaccine: what to know this season", "Sleep and heart health linked in a new study",
            ],
            good: ["water vapour distant planet astronomers", "flu vaccine heart health study"],
            generic: ["science", "health"],
            repetitive: ["distant planet water vapour", "water vapour distant planet"],
            foreign: ["mortgage refinancing offers", "ice hockey trade rumours"],
            partial: ["water vapour distant planet astronomers"]
        ),
        LabelledPerson(
            titles: [
                "Jazz festival announces its summer line-up", "Vinyl sales rise for another year",
                "Night trains return to the Alps", "Hiking huts that take bookings in spring",
            ],
            good: ["jazz festival summer line-up vinyl", "night trains Alps hiking huts"],
            generic: ["music", "travel"],
            repetitive: ["jazz festival line-up", "jazz festival summer line-up"],
            foreign: ["tax return deadline", "laptop processor benchmark"],
            partial: ["night trains Alps hiking huts"]
        ),
        LabelledPerson(
            titles: [
                "City council votes on new cycling lanes", "Mayor defends the congestion charge",
                "Chess champion draws the opening game", "Teen grandmaster wins online blitz",
            ],
            good: ["city council cycling lanes congestion charge", "chess champion grandmaster blitz"],
            generic: ["politics", "games"],
            repetitive: ["council cycling lanes vote", "cycling lanes council vote"],
            foreign: ["skin cream recall", "wheat harvest forecast"],
            partial: ["chess champion grandmaster blitz"]
        ),
        LabelledPerson(
            titles: [
                "Hurricane shifts course towards the Gulf", "Flood warnings extended along the river",
                "Adopting an older dog: what vets advise", "Why cats purr, according to researchers",
            ],
            good: ["hurricane Gulf flood warnings river", "older dog adoption vets cats"],
            generic: ["weather", "pets"],
            repetitive: ["hurricane course Gulf", "Gulf hurricane course"],
            foreign: ["smartphone folding screen launch", "opera premiere review"],
            partial: ["hurricane Gulf flood warnings river"]
        ),
        LabelledPerson(
            titles: [
                "Chip maker builds a plant in the desert", "Export rules hit semiconductor shares",
                "Marathon record falls in Berlin", "Running shoes with carbon plates tested",
            ],
            good: ["chip maker semiconductor export rules", "marathon record carbon running shoes"],
            generic: ["technology", "running"],
            repetitive: ["semiconductor export rules", "export rules semiconductor"],
            foreign: ["royal family christmas portrait", "measles outbreak school"],
            partial: ["marathon record carbon running shoes"]
        ),
        LabelledPerson(
            titles: [
                "Streaming series renewed for a third season", "Director's cut returns to cinemas",
                "Teachers strike enters its second week", "Universities freeze tuition fees",
            ],
            good: ["streaming series third season cinemas", "teachers strike university tuition fees"],
            generic: ["shows", "schools"],
            repetitive: ["streaming series renewed", "series renewed streaming"],
            foreign: ["crude oil pipeline leak", "wild boar hunting season"],
            partial: ["teachers strike university tuition fees"]
        ),
        LabelledPerson(
            titles: [
                "Airline cancels flights over pilot shortage", "Airport adds faster security lanes",
                "Archaeologists uncover a Roman villa", "Lost manuscript found in a monastery",
            ],
            good: ["airline pilot shortage cancelled flights", "Roman villa archaeologists manuscript"],
            generic: ["airports", "history"],
            repetitive: ["airline cancels flights", "flights cancelled by airline"],
            foreign: ["protein powder review", "stadium naming rights deal"],
            partial: ["Roman villa archaeologists manuscript"]
        ),
    ]
}
