"""Spanish."""

from trail.facts.tongues.tongue import Noun, Span, Tongue


def _noun(one: str, many: str) -> Noun:
    return Noun(f"{{n}} {one}", f"{{n}} {many}", many, many, f"de {many}")


SPANISH = Tongue(
    locale="es",
    signals={
        "count": "{ago} el artículo tuvo {value}",
        "mean": "{over} el artículo tuvo de media {value} {per}",
        "slope": ("la tendencia sube en unos {value} {per}", "la tendencia baja en unos {value} {per}"),
        "peak_share": "{last} el artículo alcanzó el {value} de su máximo {of_last}",
        "peak_ago": "el máximo {of_last} fue {ago}: {peak}",
        "active_windows": "hubo {noun} en {bare} {of_last}",
        "age": "la primera actividad fue hace {value}",
        "recency": "la última actividad fue hace {value}",
        "rank": "{last} el artículo ocupó el puesto {bare} del catálogo",
        "share": "{last} el artículo supuso el {value} del total {of}",
        "category_rank": "{last} el artículo ocupó el puesto {bare} de su categoría",
        "category_share": "{last} el artículo supuso el {value} del total {of} de su categoría",
        "last_year": "{year} el artículo tuvo {value}",
        "last_year_change": (
            "el año pasado, por estas fechas, el número {of} subió un {bare}",
            "el año pasado, por estas fechas, el número {of} bajó un {bare}",
            "el año pasado, por estas fechas, el número {of} no cambió",
        ),
        "change": (
            "{last} el artículo tuvo {value} más que {than}",
            "{last} el artículo tuvo {value} menos que {than}",
            "el número {of} no cambió {before}",
        ),
        "growth": (
            "el número {of} subió un {bare} {before}",
            "el número {of} bajó un {bare} {before}",
            "el número {of} no cambió {before}",
        ),
        "streak": (
            "el número {of} ha subido {bare} veces seguidas",
            "el número {of} ha bajado {bare} veces seguidas",
        ),
        "late": "los últimos {late_days} días suman {bare} de {count_1}",
        "late_share": "los últimos {late_days} días suman el {value} del número {of}",
        "rank_change": (
            "el artículo subió {value} en el catálogo",
            "el artículo bajó {value} en el catálogo",
            "el puesto en el catálogo no cambió",
        ),
        "users": "{last} el artículo llegó a {value}",
        "users_change": (
            "el número {of_people} subió en {bare} {before}",
            "el número {of_people} bajó en {bare} {before}",
            "el número {of_people} no cambió {before}",
        ),
        "heaviest_share": "{last} una sola persona supuso el {value} del número {of}",
        "category_growth": (
            "la categoría subió un {bare} {before}",
            "la categoría bajó un {bare} {before}",
            "la categoría no cambió {before}",
        ),
        "catalogue_growth": (
            "el conjunto del catálogo subió un {bare} {before}",
            "el conjunto del catálogo bajó un {bare} {before}",
            "el conjunto del catálogo no cambió {before}",
        ),
        "price_paid": "{last} el precio pagado fue de media {bare}",
        "price_change": (
            "el precio pagado subió un {bare}",
            "el precio pagado bajó un {bare}",
            "el precio pagado no cambió",
        ),
        "release_age": (
            "el lanzamiento fue hace {value}",
            "el lanzamiento será dentro de {value}",
            "el lanzamiento es hoy",
        ),
    },
    forecast={
        "expected": "esperamos {expected} {next}",
        "forecast_change": (", un {forecast_change} más que {last}", ", un {forecast_change} menos que {last}"),
        "q10": " (intervalo del 80 %: de {q10} a {q90})",
        "p_top": "la probabilidad de entrar en el top {k} es del {p_top}",
        "forecast_rank": "en la previsión ocupa el puesto {forecast_rank}",
        "both": "la probabilidad de entrar en el top {k} es del {p_top}; en la previsión ocupa el puesto {forecast_rank}",
    },
    frames={
        "cause": "motivo principal: ",
        "basis": "se basa en esto: ",
        "support": "a favor: ",
        "against": "en contra: ",
        "more": "además: ",
        "but": "en cambio: ",
        "bare": "",
        "short": "; ",
    },
    context={
        "category": "categoría: «{category}»",
        "title": "artículo: «{title}»",
        "holiday": "el periodo incluye: {holiday}",
        "start": "el periodo empieza el {start}",
        "release": "fecha de lanzamiento: {release}",
    },
    events={
        "orders": _noun("pedido", "pedidos"),
        "purchases": _noun("compra", "compras"),
        "sales": _noun("venta", "ventas"),
        "units": _noun("unidad", "unidades"),
        "ratings": _noun("valoración", "valoraciones"),
        "reviews": _noun("reseña", "reseñas"),
        "views": _noun("visualización", "visualizaciones"),
        "plays": _noun("reproducción", "reproducciones"),
        "stars": _noun("estrella", "estrellas"),
        "downloads": _noun("descarga", "descargas"),
        "clicks": _noun("clic", "clics"),
        "events": _noun("evento", "eventos"),
    },
    people={
        "customers": _noun("cliente", "clientes"),
        "viewers": _noun("espectador", "espectadores"),
        "readers": _noun("lector", "lectores"),
        "users": _noun("usuario", "usuarios"),
    },
    days=_noun("día", "días"),
    places=_noun("puesto", "puestos"),
    spans={
        "day": Span(
            "{n} día", "{n} días", "el último día", "el próximo día", "respecto al día anterior", "el día anterior", "al día",
            "el mismo día del año pasado", "hace {n} días", "en los últimos {n} días", "de los últimos {n} días",
        ),
        "week": Span(
            "{n} semana", "{n} semanas", "la semana pasada", "la próxima semana", "respecto a la semana anterior",
            "la semana anterior", "por semana", "la misma semana del año pasado", "hace {n} semanas",
            "en las últimas {n} semanas", "de las últimas {n} semanas",
        ),
        "fortnight": Span(
            "{n} quincena", "{n} quincenas", "la última quincena", "la próxima quincena", "respecto a la quincena anterior",
            "la quincena anterior", "por quincena", "la misma quincena del año pasado", "hace {n} quincenas",
            "en las últimas {n} quincenas", "de las últimas {n} quincenas",
        ),
        "month": Span(
            "{n} mes", "{n} meses", "el mes pasado", "el próximo mes", "respecto al mes anterior", "el mes anterior", "al mes",
            "el mismo mes del año pasado", "hace {n} meses", "en los últimos {n} meses", "de los últimos {n} meses",
        ),
        "quarter": Span(
            "{n} trimestre", "{n} trimestres", "el último trimestre", "el próximo trimestre", "respecto al trimestre anterior",
            "el trimestre anterior", "por trimestre", "el mismo trimestre del año pasado", "hace {n} trimestres",
            "en los últimos {n} trimestres", "de los últimos {n} trimestres",
        ),
        "period": Span(
            "{n} periodo", "{n} periodos", "el último periodo", "el próximo periodo", "respecto al periodo anterior",
            "el periodo anterior", "por periodo", "el mismo periodo del año pasado", "hace {n} periodos",
            "en los últimos {n} periodos", "de los últimos {n} periodos",
        ),
    },
    stop=".",
    gap=" ",
    holidays={
        "Christmas Eve": "Nochebuena",
        "Christmas Day": "Navidad",
        "New Year's Day": "Año Nuevo",
        "New Year's Eve": "Nochevieja",
        "Valentine's Day": "San Valentín",
        "Good Friday": "Viernes Santo",
        "Easter Monday": "Lunes de Pascua",
    },
)  # fmt: skip
