"""French."""

from trail.facts.tongues.tongue import Noun, Span, Tongue


def _noun(one: str, many: str) -> Noun:
    of = f"d'{many}" if many[0] in "aeéiou" else f"de {many}"
    return Noun(f"{{n}} {one}", f"{{n}} {many}", many, f"les {many}", of)


FRENCH = Tongue(
    locale="fr",
    signals={
        "count": "{ago}, l'article a enregistré {value}",
        "mean": "{over}, l'article a enregistré en moyenne {value} {per}",
        "slope": ("la tendance est à la hausse, d'environ {value} {per}", "la tendance est à la baisse, d'environ {value} {per}"),
        "peak_share": "{last}, l'article a atteint {value} de son maximum {of_last}",
        "peak_ago": "le maximum {of_last} a eu lieu {ago} : {peak}",
        "active_windows": "il y a eu des {noun} dans {bare} {of_last}",
        "age": "la première activité remonte à {value}",
        "recency": "la dernière activité remonte à {value}",
        "rank": "{last}, l'article était au rang {bare} du catalogue",
        "share": "{last}, l'article a représenté {value} du nombre total {of}",
        "category_rank": "{last}, l'article était au rang {bare} de sa catégorie",
        "category_share": "{last}, l'article a représenté {value} du total de sa catégorie",
        "last_year": "{year}, l'article avait enregistré {value}",
        "last_year_change": (
            "l'an dernier à la même époque, le nombre {of} a augmenté de {bare}",
            "l'an dernier à la même époque, le nombre {of} a baissé de {bare}",
            "l'an dernier à la même époque, le nombre {of} est resté stable",
        ),
        "change": (
            "{last}, l'article a enregistré {value} de plus que {than}",
            "{last}, l'article a enregistré {value} de moins que {than}",
            "le nombre {of} est resté stable {before}",
        ),
        "growth": (
            "le nombre {of} a augmenté de {bare} {before}",
            "le nombre {of} a baissé de {bare} {before}",
            "le nombre {of} est resté stable {before}",
        ),
        "streak": (
            "le nombre {of} a augmenté {bare} fois de suite",
            "le nombre {of} a baissé {bare} fois de suite",
        ),
        "late": "les {late_days} derniers jours comptent pour {bare} sur {count_1}",
        "late_share": "les {late_days} derniers jours comptent pour {value} du nombre {of}",
        "rank_change": (
            "l'article a gagné {value} dans le catalogue",
            "l'article a perdu {value} dans le catalogue",
            "le rang dans le catalogue n'a pas changé",
        ),
        "users": "{last}, l'article a touché {value}",
        "users_change": (
            "le nombre {of_people} a augmenté de {bare} {before}",
            "le nombre {of_people} a baissé de {bare} {before}",
            "le nombre {of_people} est resté stable {before}",
        ),
        "heaviest_share": "{last}, une seule personne a compté pour {value} du nombre {of}",
        "category_growth": (
            "la catégorie a progressé de {bare} {before}",
            "la catégorie a reculé de {bare} {before}",
            "la catégorie est restée stable {before}",
        ),
        "catalogue_growth": (
            "l'ensemble du catalogue a progressé de {bare} {before}",
            "l'ensemble du catalogue a reculé de {bare} {before}",
            "l'ensemble du catalogue est resté stable {before}",
        ),
        "price_paid": "{last}, le prix payé était en moyenne de {bare}",
        "price_change": (
            "le prix payé a augmenté de {bare}",
            "le prix payé a baissé de {bare}",
            "le prix payé n'a pas changé",
        ),
        "release_age": (
            "la sortie remonte à {value}",
            "la sortie est prévue dans {value}",
            "la sortie a lieu aujourd'hui",
        ),
    },
    forecast={
        "expected": "nous attendons {expected} {next}",
        "forecast_change": (", soit {forecast_change} de plus que {last}", ", soit {forecast_change} de moins que {last}"),
        "q10": " (intervalle à 80 % : de {q10} à {q90})",
        "p_top": "la probabilité d'entrer dans le top {k} est de {p_top}",
        "forecast_rank": "dans la prévision, l'article est au rang {forecast_rank}",
        "both": "la probabilité d'entrer dans le top {k} est de {p_top} ; dans la prévision, l'article est au rang {forecast_rank}",
    },
    frames={
        "cause": "raison principale : ",
        "basis": "base de la prévision : ",
        "support": "en sa faveur : ",
        "against": "en sa défaveur : ",
        "more": "de plus : ",
        "but": "en revanche : ",
        "bare": "",
        "short": " ; ",
    },
    context={
        "category": "catégorie : « {category} »",
        "title": "article : « {title} »",
        "holiday": "la période comprend : {holiday}",
        "start": "la période commence le {start}",
        "release": "date de sortie : {release}",
    },
    events={
        "orders": _noun("commande", "commandes"),
        "purchases": _noun("achat", "achats"),
        "sales": _noun("vente", "ventes"),
        "units": _noun("unité", "unités"),
        "ratings": _noun("note", "notes"),
        "reviews": _noun("avis", "avis"),
        "views": _noun("vue", "vues"),
        "plays": _noun("écoute", "écoutes"),
        "stars": _noun("étoile", "étoiles"),
        "downloads": _noun("téléchargement", "téléchargements"),
        "clicks": _noun("clic", "clics"),
        "events": _noun("événement", "événements"),
    },
    people={
        "customers": _noun("client", "clients"),
        "viewers": _noun("spectateur", "spectateurs"),
        "readers": _noun("lecteur", "lecteurs"),
        "users": _noun("utilisateur", "utilisateurs"),
    },
    days=_noun("jour", "jours"),
    places=_noun("place", "places"),
    spans={
        "day": Span(
            "{n} jour", "{n} jours", "le dernier jour", "le jour prochain", "par rapport à la veille", "la veille", "par jour",
            "le même jour l'an dernier", "il y a {n} jours", "sur les {n} derniers jours", "des {n} derniers jours",
        ),
        "week": Span(
            "{n} semaine", "{n} semaines", "la semaine dernière", "la semaine prochaine", "par rapport à la semaine précédente",
            "la semaine précédente", "par semaine", "la même semaine l'an dernier", "il y a {n} semaines",
            "sur les {n} dernières semaines", "des {n} dernières semaines",
        ),
        "fortnight": Span(
            "{n} quinzaine", "{n} quinzaines", "la dernière quinzaine", "la quinzaine prochaine",
            "par rapport à la quinzaine précédente", "la quinzaine précédente", "par quinzaine", "la même quinzaine l'an dernier",
            "il y a {n} quinzaines", "sur les {n} dernières quinzaines", "des {n} dernières quinzaines",
        ),
        "month": Span(
            "{n} mois", "{n} mois", "le mois dernier", "le mois prochain", "par rapport au mois précédent", "le mois précédent",
            "par mois", "le même mois l'an dernier", "il y a {n} mois", "sur les {n} derniers mois", "des {n} derniers mois",
        ),
        "quarter": Span(
            "{n} trimestre", "{n} trimestres", "le trimestre dernier", "le trimestre prochain",
            "par rapport au trimestre précédent", "le trimestre précédent", "par trimestre", "le même trimestre l'an dernier",
            "il y a {n} trimestres", "sur les {n} derniers trimestres", "des {n} derniers trimestres",
        ),
        "period": Span(
            "{n} période", "{n} périodes", "la dernière période", "la période prochaine", "par rapport à la période précédente",
            "la période précédente", "par période", "la même période l'an dernier", "il y a {n} périodes",
            "sur les {n} dernières périodes", "des {n} dernières périodes",
        ),
    },
    stop=".",
    gap=" ",
    holidays={
        "Christmas Eve": "réveillon de Noël",
        "Christmas Day": "Noël",
        "New Year's Day": "jour de l'An",
        "New Year's Eve": "Saint-Sylvestre",
        "Valentine's Day": "Saint-Valentin",
        "Good Friday": "Vendredi saint",
        "Easter Monday": "lundi de Pâques",
    },
)  # fmt: skip
