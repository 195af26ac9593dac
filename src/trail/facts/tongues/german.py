"""German."""

from trail.facts.tongues.tongue import Noun, Span, Tongue


def _noun(one: str, many: str) -> Noun:
    return Noun(f"{{n}} {one}", f"{{n}} {many}", many, f"die {many}", many)


GERMAN = Tongue(
    locale="de",
    signals={
        "count": "{ago} gab es {value}",
        "mean": "{over} gab es im Schnitt {value} {per}",
        "slope": ("der Trend steigt um etwa {value} {per}", "der Trend fällt um etwa {value} {per}"),
        "peak_share": "{last} wurden {value} des Höchstwerts {of_last} erreicht",
        "peak_ago": "der Höchstwert {of_last} fiel {ago}: {peak}",
        "active_windows": "{noun} gab es in {bare} {of_last}",
        "age": "die erste Aktivität liegt {value} zurück",
        "recency": "die letzte Aktivität liegt {value} zurück",
        "rank": "{last} lag der Artikel im Katalog auf Rang {bare}",
        "share": "{last} entfielen {value} aller {noun} auf den Artikel",
        "category_rank": "{last} lag der Artikel in seiner Kategorie auf Rang {bare}",
        "category_share": "{last} entfielen {value} der {noun} seiner Kategorie auf den Artikel",
        "last_year": "{year} gab es {value}",
        "last_year_change": (
            "im Vorjahr stieg die Zahl der {noun} zu dieser Zeit um {bare}",
            "im Vorjahr fiel die Zahl der {noun} zu dieser Zeit um {bare}",
            "im Vorjahr blieb die Zahl der {noun} zu dieser Zeit gleich",
        ),
        "change": (
            "{last} gab es {value} mehr als {than}",
            "{last} gab es {value} weniger als {than}",
            "die Zahl der {noun} blieb {before} gleich",
        ),
        "growth": (
            "die Zahl der {noun} stieg {before} um {bare}",
            "die Zahl der {noun} fiel {before} um {bare}",
            "die Zahl der {noun} blieb {before} gleich",
        ),
        "streak": (
            "die Zahl der {noun} ist {bare}-mal in Folge gestiegen",
            "die Zahl der {noun} ist {bare}-mal in Folge gefallen",
        ),
        "late": "auf die letzten {late_days} Tage entfielen {bare} der {count_1} {noun}",
        "late_share": "auf die letzten {late_days} Tage entfielen {value} der {noun}",
        "rank_change": (
            "der Artikel stieg im Katalog um {value}",
            "der Artikel fiel im Katalog um {value}",
            "der Rang im Katalog blieb gleich",
        ),
        "users": "die Zahl der {people} betrug {last} {bare}",
        "users_change": (
            "die Zahl der {people} stieg {before} um {bare}",
            "die Zahl der {people} fiel {before} um {bare}",
            "die Zahl der {people} blieb {before} gleich",
        ),
        "heaviest_share": "{value} der {noun} kamen {last} von einer einzigen Person",
        "category_growth": (
            "die Kategorie legte {before} um {bare} zu",
            "die Kategorie gab {before} um {bare} nach",
            "die Kategorie blieb {before} gleich",
        ),
        "catalogue_growth": (
            "der gesamte Katalog legte {before} um {bare} zu",
            "der gesamte Katalog gab {before} um {bare} nach",
            "der gesamte Katalog blieb {before} gleich",
        ),
        "price_paid": "der gezahlte Preis betrug {last} im Schnitt {bare}",
        "price_change": (
            "der gezahlte Preis stieg um {bare}",
            "der gezahlte Preis fiel um {bare}",
            "der gezahlte Preis blieb gleich",
        ),
        "release_age": (
            "das Erscheinen liegt {value} zurück",
            "bis zum Erscheinen dauert es noch {value}",
            "heute ist der Tag des Erscheinens",
        ),
    },
    forecast={
        "expected": "wir erwarten {next} {expected}",
        "forecast_change": (", {forecast_change} mehr als {last}", ", {forecast_change} weniger als {last}"),
        "q10": " (80-%-Bereich: {q10} bis {q90})",
        "p_top": "die Chance auf die Top {k} liegt bei {p_top}",
        "forecast_rank": "in der Prognose ist das Rang {forecast_rank}",
        "both": "die Chance auf die Top {k} liegt bei {p_top}, in der Prognose ist das Rang {forecast_rank}",
    },
    frames={
        "cause": "Hauptgrund: ",
        "basis": "Grundlage: ",
        "support": "dafür spricht: ",
        "against": "dagegen spricht: ",
        "more": "außerdem: ",
        "but": "andererseits: ",
        "bare": "",
        "short": "; ",
    },
    context={
        "category": "Kategorie: „{category}“",
        "title": "Artikel: „{title}“",
        "holiday": "in den Zeitraum fällt: {holiday}",
        "start": "der Zeitraum beginnt am {start}",
        "release": "Erscheinungstag: {release}",
    },
    events={
        "orders": _noun("Bestellung", "Bestellungen"),
        "purchases": _noun("Kauf", "Käufe"),
        "sales": _noun("Verkauf", "Verkäufe"),
        "units": _noun("Einheit", "Einheiten"),
        "ratings": _noun("Bewertung", "Bewertungen"),
        "reviews": _noun("Rezension", "Rezensionen"),
        "views": _noun("Aufruf", "Aufrufe"),
        "plays": _noun("Wiedergabe", "Wiedergaben"),
        "stars": _noun("Stern", "Sterne"),
        "downloads": _noun("Download", "Downloads"),
        "clicks": _noun("Klick", "Klicks"),
        "events": _noun("Ereignis", "Ereignisse"),
    },
    people={
        "customers": _noun("Kunde", "Kunden"),
        "viewers": _noun("Zuschauer", "Zuschauer"),
        "readers": _noun("Leser", "Leser"),
        "users": _noun("Nutzer", "Nutzer"),
    },
    days=_noun("Tag", "Tage"),
    places=_noun("Platz", "Plätze"),
    spans={
        "day": Span(
            "{n} Tag", "{n} Tage", "am letzten Tag", "am nächsten Tag", "gegenüber dem Vortag", "am Tag davor",
            "pro Tag", "am gleichen Tag des Vorjahres", "vor {n} Tagen", "in den letzten {n} Tagen", "der letzten {n} Tage",
        ),
        "week": Span(
            "{n} Woche", "{n} Wochen", "letzte Woche", "nächste Woche", "gegenüber der Vorwoche", "in der Woche davor",
            "pro Woche", "in der gleichen Woche des Vorjahres", "vor {n} Wochen", "in den letzten {n} Wochen",
            "der letzten {n} Wochen",
        ),
        "fortnight": Span(
            "{n} Doppelwoche", "{n} Doppelwochen", "in der letzten Doppelwoche", "in der nächsten Doppelwoche",
            "gegenüber der Doppelwoche davor", "in der Doppelwoche davor", "pro Doppelwoche",
            "in der gleichen Doppelwoche des Vorjahres", "vor {n} Doppelwochen", "in den letzten {n} Doppelwochen",
            "der letzten {n} Doppelwochen",
        ),
        "month": Span(
            "{n} Monat", "{n} Monate", "letzten Monat", "nächsten Monat", "gegenüber dem Vormonat", "im Monat davor",
            "pro Monat", "im gleichen Monat des Vorjahres", "vor {n} Monaten", "in den letzten {n} Monaten",
            "der letzten {n} Monate",
        ),
        "quarter": Span(
            "{n} Quartal", "{n} Quartale", "letztes Quartal", "nächstes Quartal", "gegenüber dem Vorquartal",
            "im Quartal davor", "pro Quartal", "im gleichen Quartal des Vorjahres", "vor {n} Quartalen",
            "in den letzten {n} Quartalen", "der letzten {n} Quartale",
        ),
        "period": Span(
            "{n} Zeitraum", "{n} Zeiträume", "im letzten Zeitraum", "im nächsten Zeitraum", "gegenüber dem Zeitraum davor",
            "im Zeitraum davor", "pro Zeitraum", "im gleichen Zeitraum des Vorjahres", "vor {n} Zeiträumen",
            "in den letzten {n} Zeiträumen", "der letzten {n} Zeiträume",
        ),
    },
    stop=".",
    gap=" ",
    holidays={
        "Christmas Eve": "Heiligabend",
        "Christmas Day": "Weihnachten",
        "New Year's Day": "Neujahr",
        "New Year's Eve": "Silvester",
        "Valentine's Day": "Valentinstag",
        "Halloween": "Halloween",
        "Good Friday": "Karfreitag",
        "Easter Monday": "Ostermontag",
        "Thanksgiving Day": "Thanksgiving",
    },
)  # fmt: skip
