"""Chinese: no plural, but a measure word between a number and its noun."""

from trail.facts.tongues.tongue import Noun, Span, Tongue


def _noun(measure: str, noun: str) -> Noun:
    counted = f"{{n}}{measure}{noun}"
    return Noun(counted, counted, noun, noun, noun)


CHINESE = Tongue(
    locale="zh",
    signals={
        "count": "{ago}有{value}",
        "mean": "{over}{per}平均有{value}",
        "slope": ("趋势为{per}约增加{value}", "趋势为{per}约减少{value}"),
        "peak_share": "{last}达到{of_last}最高值的{value}",
        "peak_ago": "{of_last}最高值出现在{ago}，为{peak}",
        "active_windows": "{of_last}中有{value}有{noun}",
        "age": "首次活动在{value}前",
        "recency": "最近一次活动在{value}前",
        "rank": "{last}在全部商品中排第{bare}位",
        "share": "{last}占全部{noun}数的{value}",
        "category_rank": "{last}在所属类别中排第{bare}位",
        "category_share": "{last}占所属类别{noun}数的{value}",
        "last_year": "{year}有{value}",
        "last_year_change": (
            "去年此时{noun}数增长了{bare}",
            "去年此时{noun}数下降了{bare}",
            "去年此时{noun}数没有变化",
        ),
        "change": (
            "{last}比{than}多{value}",
            "{last}比{than}少{value}",
            "{noun}数{before}没有变化",
        ),
        "growth": (
            "{noun}数{before}增长了{bare}",
            "{noun}数{before}下降了{bare}",
            "{noun}数{before}没有变化",
        ),
        "streak": ("{noun}数已连续{bare}次上升", "{noun}数已连续{bare}次下降"),
        "late": "最后{late_days}天占{count_1}中的{bare}",
        "late_share": "最后{late_days}天占{noun}数的{value}",
        "rank_change": ("在全部商品中上升了{value}", "在全部商品中下降了{value}", "在全部商品中的排名没有变化"),
        "users": "{last}有{value}",
        "users_change": (
            "{people}数{before}增加了{bare}",
            "{people}数{before}减少了{bare}",
            "{people}数{before}没有变化",
        ),
        "heaviest_share": "{last}仅一人就占{noun}数的{value}",
        "category_growth": (
            "所属类别{before}增长了{bare}",
            "所属类别{before}下降了{bare}",
            "所属类别{before}没有变化",
        ),
        "catalogue_growth": (
            "全部商品{before}增长了{bare}",
            "全部商品{before}下降了{bare}",
            "全部商品{before}没有变化",
        ),
        "price_paid": "{last}平均成交价为{bare}",
        "price_change": ("成交价上升了{bare}", "成交价下降了{bare}", "成交价没有变化"),
        "release_age": ("发行于{value}前", "将在{value}后发行", "今天发行"),
    },
    forecast={
        "expected": "预计{next}有{expected}",
        "forecast_change": ("，比{last}多{forecast_change}", "，比{last}少{forecast_change}"),
        "q10": "（80%区间：{q10}至{q90}）",
        "p_top": "进入前{k}名的概率为{p_top}",
        "forecast_rank": "预测排名第{forecast_rank}位",
        "both": "进入前{k}名的概率为{p_top}，预测排名第{forecast_rank}位",
    },
    frames={
        "cause": "主要原因：",
        "basis": "预测依据：",
        "support": "有利因素：",
        "against": "不利因素：",
        "more": "此外：",
        "but": "但另一方面：",
        "bare": "",
        "short": "；",
    },
    context={
        "category": "类别：“{category}”",
        "title": "商品：“{title}”",
        "holiday": "预测期内有：{holiday}",
        "start": "预测期始于{start}",
        "release": "发布日期：{release}",
    },
    events={
        "orders": _noun("个", "订单"),
        "purchases": _noun("次", "购买"),
        "sales": _noun("笔", "销售"),
        "units": _noun("件", "商品"),
        "ratings": _noun("个", "评分"),
        "reviews": _noun("条", "评论"),
        "views": _noun("次", "浏览"),
        "plays": _noun("次", "播放"),
        "stars": _noun("颗", "星"),
        "downloads": _noun("次", "下载"),
        "clicks": _noun("次", "点击"),
        "events": _noun("次", "互动"),
    },
    people={
        "customers": _noun("位", "顾客"),
        "viewers": _noun("位", "观众"),
        "readers": _noun("位", "读者"),
        "users": _noun("位", "用户"),
    },
    days=_noun("天", ""),
    places=_noun("位", ""),
    spans={
        "day": Span(
            "{n}天", "{n}天", "最近一天", "次日", "较前一天", "前一天", "每天", "去年同日", "{n}天前", "过去{n}天", "过去{n}天",
        ),
        "week": Span(
            "{n}周", "{n}周", "上周", "下周", "较前一周", "前一周", "每周", "去年同一周", "{n}周前", "过去{n}周", "过去{n}周",
        ),
        "fortnight": Span(
            "{n}个双周", "{n}个双周", "上个双周", "下个双周", "较前一个双周", "前一个双周", "每个双周", "去年同一双周", "{n}个双周前",
            "过去{n}个双周", "过去{n}个双周",
        ),
        "month": Span(
            "{n}个月", "{n}个月", "上个月", "下个月", "较前一个月", "前一个月", "每月", "去年同月", "{n}个月前", "过去{n}个月",
            "过去{n}个月",
        ),
        "quarter": Span(
            "{n}个季度", "{n}个季度", "上个季度", "下个季度", "较前一季度", "前一季度", "每季度", "去年同季度", "{n}个季度前",
            "过去{n}个季度", "过去{n}个季度",
        ),
        "period": Span(
            "{n}个周期", "{n}个周期", "上一周期", "下一周期", "较前一周期", "前一周期", "每周期", "去年同期", "{n}个周期前",
            "过去{n}个周期", "过去{n}个周期",
        ),
    },
    stop="。",
    gap="",
    holidays={
        "Christmas Eve": "平安夜",
        "Christmas Day": "圣诞节",
        "New Year's Day": "元旦",
        "New Year's Eve": "跨年夜",
        "Valentine's Day": "情人节",
        "Halloween": "万圣节前夜",
        "Good Friday": "耶稣受难日",
        "Easter Monday": "复活节星期一",
        "Thanksgiving Day": "感恩节",
    },
)  # fmt: skip
