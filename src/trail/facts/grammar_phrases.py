"""Fixed phrases of the reader by what they stand for."""

from __future__ import annotations

from trail.facts.grammar_words import listed

#: Kind of token -> its phrases. Where two begin alike, the longest is read.
_KINDS = {
    "EVERYITEM": listed(
        """
        whole catalogue | entire catalogue | catalogue as a whole | full catalogue | catalogue overall | all items
        """
    ),
    "ALL": listed(
        """
        catalogue | catalog | shop | store | range as a whole | market | assortment | all products | all
        titles | every item | all items together | the rest of the catalogue | site | platform | overall
        market
        """
    ),
    "ALLEV": listed("all"),
    "CAT": listed(
        """
        category | categories | genre | department | category as a whole | whole category | category overall
        | segment
        """
    ),
    "MEAN": listed("mean | average | averages | averaged | averaging | norm | on average | avg"),
    "PEAK": listed(
        """
        peak | peaks | peaked | high | the most | the highest | highest | the best | best | the strongest
        | strongest | maximum | max | the busiest | busiest | high point | high-water mark
        """
    ),
    "LOWEST": listed("lowest | worst | weakest | minimum | low | trough | quietest | fewest | slowest"),
    "SHARE": listed("share | shares | part | portion | fraction | proportion"),
    "SHAREV": listed(
        """
        accounts for | accounted for | made up | makes up | made | takes | took | represents | represented |
        contributed | was responsible for | is responsible for | placed | generated | captured | holds |
        held a | makes | accounting for | making up | responsible for | behind for
        """
    ),
    "CHANCE": listed(
        """
        chance | chances | probability | odds | likelihood | shot | a probability of | probable
        """
    ),
    "LIKELY": listed("likely | probably | more likely than not"),
    "CERTAIN": listed("all but certain | almost certain | nearly certain"),
    "REMOTE": listed("out of reach | looks out of reach | beyond reach"),
    "EACH": listed("each | every"),
    "ITEMS": listed("items | products | titles"),
    "BETTER": listed("do better | rank higher | rank above it | come ahead of it | beat it"),
    "UNLIKELY": listed("unlikely | probably not | not likely"),
    "RANGE": listed(
        """
        range | ranges | interval | prediction interval | forecast range | span | confidence interval | band |
        prediction range | credible interval | uncertainty range | likely range
        """
    ),
    "RANGEG": listed(
        """
        confidence | certainty | likely between | percentile | cases | times out of ten
        """
    ),
    "FUTG": listed(
        """
        prediction | model | trail | runs | runs from | somewhere | likeliest | median | central | most likely | entering | enter | landing
        | finishing | make | make it into | being among | making it into | be in | place among | end up | break into | breaking
        into
        """
    ),
    "LOW": listed(
        """
        as low as | as few as | low end | lower end | lower bound | low case | at the low end | bottom of
        the range
        """
    ),
    "HIGH": listed(
        """
        as high as | as many as | high end | upper end | upper bound | high case | at the high end | top of
        the range
        """
    ),
    "RANK": listed(
        """
        rank | ranked | ranking | ranked at | position | place | placed at | standing | spot | number | no.
        | #
        """
    ),
    "PLACES": listed("ranks | places | positions | ranks higher | spots | rungs | notches"),
    "TOPWORD": listed(
        """
        top of | the top of | first in | best-selling item | best seller | bestseller | most popular | the
        leader of | the most of any | the most of all | leads | at the top of | tops | topped | best-selling | top-selling | most popular item |
        heads | led
        """
    ),
    "HEAVYWORD": listed(
        """
        heaviest | biggest | largest | single largest | single biggest | single heaviest | most active |
        keenest | top | one | single | a single | any one | any single | leading | busiest single
        """
    ),
    "PRICE": listed("price | prices | cost"),
    "PAID": listed(
        """
        price paid | prices paid | paid price | average price | mean price | unit price | average price paid
        | selling price | mean price paid | average unit price | mean unit price | actual price | buyers
        paid | customers paid | paid | paying | average selling price | transaction price | sold at |
        selling at | customers pay | buyers pay | pay
        """
    ),
    "LISTED": listed(
        """
        list price | listed price | catalogue price | priced at | costs | costing | retails at | listed at |
        priced | retail price
        """
    ),
    "TOTAL": listed(
        """
        so far | in total | in all | to date | all told | altogether | ever | since launch | lifetime |
        since it first appeared | total | totals | in its lifetime | all-time | since release | since its
        release | up to now | until now | overall total | since its first order | since its first sale |
        combined | together | between them | put together | taken together | cumulative | cumulatively | over its lifetime | totalling | totaling | already at
        """
    ),
    "FIRST": listed(
        """
        first seen | first sold | first ordered | first appeared | first bought | first rated | first viewed
        | first played | first listed | first recorded | first starred | first reviewed | appeared first |
        first order | first sale | first event | first rating | first purchase | first review | first view |
        first star | on sale for | on sale | in the log | known | made its first appearance | debuted |
        debut | first showed up | been around | sold for the first time | first interaction |
        first download | first play | been on sale | appeared | old | history | first came in
        """
    ),
    "LASTSEEN": listed(
        """
        last seen | last sold | last ordered | last bought | last rated | last viewed | last played | last
        starred | last reviewed | last order | latest order | most recent order | last sale | latest sale |
        most recent sale | last event | latest event | most recent event | last rating | latest rating |
        most recent rating | last review | last purchase | latest purchase | most recent purchase | last
        star | last view | most recent view | last came in | last interaction | latest interaction | most
        recent interaction | last play | last download | most recent star | most recent review | most
        recently sold | most recently ordered | most recently bought | latest star
        """
    ),
    "RELEASE": listed(
        """
        released | release | release date | came out | launched | launch | out for | been out | was out |
        published | premiered | comes out | came to market | hit the market | due out | is released | will
        be released | releases
        """
    ),
    "ROW": listed(
        """
        in a row | running | straight | consecutive | consecutively | successive | on the trot | back to
        back | in succession | without a break | uninterrupted
        """
    ),
    "STREAK": listed("streak | run"),
    "TREND": listed(
        """
        trend | trends | trending | slope | pace | trajectory | underlying trend | trend line | six-week
        trend
        """
    ),
    "FASTER": listed(
        """
        faster | quicker | more quickly | more strongly | stronger | faster growth | outrunning | outpacing |
        outpaced | outpaces | outruns | outran
        """
    ),
    "SLOWER": listed(
        """
        slower | more slowly | less quickly | weaker | lagging | lagged | lags | trailing | trailed | trails
        """
    ),
    "ACCEL": listed(
        """
        accelerated | accelerating | accelerates | speeding up | sped up | gathering pace | picking up pace
        | gathered pace
        """
    ),
    "DECEL": listed(
        """
        slowed | slowing | slowing down | slowed down | decelerated | decelerating | losing pace | lost pace
        | tailing off
        """
    ),
    "FUT": listed(
        """
        expected | expect | expects | expecting | forecast | forecasts | forecasted | forecasting | predict
        | predicts | predicted | projected | projection | project | projects | should | will | would | set
        to | look for | looks for | looks set | look set | anticipated | anticipate | anticipates | estimate | estimated |
        estimates | outlook | point to | points to | on course | is due to | looking ahead | we see |
        foresee | foresees | foreseen | point forecast | central estimate | best guess | could | may | might
        | can | 'll
        """
    ),
    "AHEAD": listed("away | from now | to go | ahead of us"),
    "ACTIVE": listed(
        """
        active | with orders | has orders in | activity | had activity | non-zero | at least one
        """
    ),
    "ADJ": listed("different | distinct | unique | individual | separate"),
    "TIMES": listed("times | time | -fold | fold"),
    "NEG": listed(
        """
        not | no | didn't | did not | does not | doesn't | isn't | is not | wasn't | was not | weren't |
        neither | nor | without | hardly | hasn't | haven't | hadn't | won't | will not | cannot |
        can't | no longer | don't | failed to | fails to | barely | couldn't | aren't
        """
    ),
    "NONE": listed("none | none at all | nothing | nothing at all | nobody | no-one | no one"),
    "FROM": listed("from"),
    "TO": listed("to | reached | reaching | hit | hitting | reach | towards | reaches"),
    "AT": listed(
        """
        at | running at | stood at | stands at | came to | comes to | amounted to | amounts to | amounting to | stand at
        | add up to | adds up to | added up to | : | = | came in at | ran at
        """
    ),
    "BY": listed("by | of about"),
    "OF": listed("of | 's | in its | within | out of"),
    "IN": listed(
        """
        in | during | for | across | through | throughout | inside | among | amongst | between
        """
    ),
    "BREAK": listed(
        """
        and | but | while | whereas | though | although | which | with | after | following | when | where |
        yet | however | then | who | since | so | given | even though | even as | as well as | plus | still
        | just as | whose | meanwhile | what is more | moreover | furthermore | nevertheless | on the other hand, |
        or | , that is | , i.e. | in addition, | besides, | at the same time, | that said, | against that, | on top of that, | above all, | first of all,
        """
    ),
    "CAUSE": listed(
        """
        because | because of | thanks to | due to | owing to | driven by | as a result of | helped by |
        lifted by | on the back of | boosted by | pushed by | pulled down by | supported by | held back by |
        fuelled by | fueled by | led by | helped by the fact that | lifted by the fact that | seeing that |
        now that | considering that | the main reason being that | the main reason is that | the reason is that |
        the main reason: | the reason: | what explains it is that | why: | what drives it: | mainly, | chiefly, | what supports it is that |
        what it is held back by: | what counts for it is that | what counts for it: | a reason for it: | evidence for it: | a point for it: |
        in support, | supporting this, | in its favour: | in its favour, | in its favor: | in its favor, |
        helped by this: | lifted by this: | boosted by this: | driven by this: | held back by this: | pulled down by this: |
        working for it: | on the plus side, | pushing it up: | it is helped by the fact that | what holds it back: |
        this holds it back: | it is pulled down by the fact that | it is held back by the fact that |
        working against it: | on the minus side, | pulling it down: | a drag on it: |
        it rests on this: | it is based on this: | what it builds on: | what it rests on is that | it rests on the fact that |
        the basis: | behind it: | going by this: | based on: | based on the fact that
        """
    ),
    "HOLIDAYWORD": listed(
        """
        holiday | holidays | public holiday | public holidays | bank holiday | next holiday | celebration |
        observance
        """
    ),
    "BRANDWORD": listed(
        """
        brand | maker | manufacturer | director | author | label | publisher | owner
        """
    ),
    "ITEMWORD": listed(
        """
        item | product | title | article | line
        """
    ),
    "COP": listed(
        """
        is | was | were | are | is running | are running | was running | were running | be | been | being |
        it's | that's | 're | they're | there's
        """
    ),
    "KEEPS": listed("remains | remained | remain | remaining | stays | stayed | stay | staying"),
    "AGAIN": listed("again | once again | yet again | once more"),
    "PRAISE": listed("a hit | a smash hit | a big hit | hits"),
    "STARTS": listed("begin | begins | beginning | start | starts | starting | commencing"),
    "ENDS": listed("end | ends | ending | until"),
    "PREDICTED": listed(
        """
        period predicted | predicted period | forecast period | period forecast | period ahead
        """
    ),
    "RATE": listed("rate | growth rate"),
    "MOSTOF": listed("most"),
}
PHRASES = {phrase: kind for kind, phrases in _KINDS.items() for phrase in phrases}
