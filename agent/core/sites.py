"""Names, addresses and titles of calls and of leisure sites: data for `families`."""

from __future__ import annotations

from typing import Any

import re2


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.replace("\n", ",").split(",") if name.strip())


LOBBY_TITLES = _names(
    """zoom, zoom workplace, zoom - free account, zoom - licensed account, zoom - pro account, zoom cloud meetings,
    settings, login, sign in, einstellungen, anmelden, webex, cisco webex meetings, teamspeak, teamspeak 3, goto"""
)
"""Whole titles of a meeting program that is open without a call; some have the program's bare name during one."""

_TEAMS_CALL = (
    "meeting|call with|besprechung|anruf|réunion|appel|reunión|llamada|riunione|chiamata|reunião|chamada|vergadering|gesprek|"
    "spotkanie|rozmowa|toplantı|встреча|собрание|звонок|зустріч|дзвінок|möte|møde|møte|kokous|会议|会議|通话|通話|"
    "회의|통화|اجتماع"
)
CALL_TITLES: tuple[Any, ...] = tuple(
    re2.compile(pattern)
    for pattern in (
        rf"(?:{_TEAMS_CALL}).*\|\s*microsoft teams",
        r"^meet\s*[-–—:]\s",
        r"^(?:google meet|meet\.google\.com)\b.{0,4}[-–—:].",
        r"^zoom (?:meeting|webinar)|^zoom_linux_float|^(?:launch )?meeting\b.*[-–—] zoom$",
        r"\bhuddle\b.*\bslack\b|\bslack\b.*\bhuddle\b|^huddle:",
        r"^🔊|\bvoice connected\b|discord.*🔊",
        r"\| jitsi meet$|\| bigbluebutton$|^bigbluebutton\s*[-–—]",
        r"[-–—|] (?:whereby|gather|webex meetings?|gotomeeting|livestorm)$",
        r"腾讯会议|飞书会议|钉钉会议|华为云会议|voov meeting|視訊會議|视频会议$|^zoom 会议|^zoom ミーティング|^zoom 회의",
        r"^(?:skype|whatsapp|signal|telegram|facetime|viber|line|wechat).{0,3}(?:voice |video |audio )?call\b",
        r"^(?:微信)?(?:语音|视频)通话",
        r"\bcall\b.{0,40}[-–—|] (?:whatsapp|signal|telegram|skype|viber|discord|zalo|line)$",
        r"(?:sprach|video)anruf|appel (?:vocal|vidéo)|(?:video)?llamada (?:de voz|con)|chamada de (?:voz|vídeo)|videochiamata"
        r"|chiamata vocale|połączenie (?:głosowe|wideo)|(?:видео|аудио)звонок|görüntülü arama|sesli arama|(?:音声|ビデオ)通話"
        r"|(?:음성|영상) ?통화|مكالمة (?:صوتية|فيديو)|वीडियो कॉल|वॉयस कॉल",
    )
)
"""Casefolded titles of a call."""

SLIDE_TITLES: Any = re2.compile(
    r"^(?:powerpoint slide show|powerpoint-bildschirmpräsentation|diaporama powerpoint|presentación con diapositivas"
    r"|presenter view|referentenansicht|presenting:|präsentieren:|демонстрация powerpoint|показ слайдов"
    r"|(?:powerpoint )?(?:幻灯片放映|スライド ?ショー|슬라이드 ?쇼))"
)
"""Casefolded titles of slides that are being shown to others."""

CALL_URLS: tuple[Any, ...] = tuple(
    re2.compile(r"(?i)^https?://" + pattern)
    for pattern in (
        r"meet\.google\.com/[a-z]{3,4}-[a-z]{4}-[a-z]{3}",
        r"meet\.google\.com/lookup/",
        r"(?:[\w-]+\.)*zoom\.(?:us|com)(?:\.cn)?/(?:wc|j|s|w|my)/",
        r"teams\.(?:microsoft|live)\.com/.*(?:meetup-join|/meet/|pre-join-calling|modern-calling)",
        r"(?:[\w-]+\.)*webex\.com/(?:.*/)?(?:meet|wbxmjs|webappng|join)/",
        r"meet\.jit\.si/[^/]+",
        r"(?:8x8\.vc|whereby\.com|meet\.goto\.com|app\.gather\.town/app|app\.livestorm\.co|demio\.com|"
        r"meet\.element\.io)/[^/]+",
        r"[^/]+/html5client/",
        r"(?:meeting\.tencent\.com|voovmeeting\.com|vc\.feishu\.cn|vc\.larksuite\.com|meeting\.dingtalk\.com)/[^/]+",
        r"app\.slack\.com/huddle/",
        r"docs\.google\.com/presentation/d/[^/]+/(?:present|localpresent)",
        r"(?:web\.whatsapp\.com|web\.telegram\.org|messenger\.com|www\.messenger\.com)/.*call",
        r"(?:bbb|bigbluebutton|jitsi|meet|videoconf|visio)\.[^/]+/.+",
        r"(?:telemost\.yandex\.ru|salutejazz\.ru|vk\.com/call|my\.mts-link\.ru|hangouts\.google\.com|app\.zoom\.us/wc|"
        r"us\d+web\.zoom\.us)/.+",
    )
)
"""Addresses of a call; the landing pages of the same hosts are none."""

CHAT_HOSTS = _names(
    """web.whatsapp.com, web.telegram.org, discord.com, app.slack.com, teams.microsoft.com, teams.live.com,
    teams.cloud.microsoft, messages.google.com, chat.google.com, messenger.com, app.element.io, web.wechat.com,
    wx.qq.com, web.skype.com, zulipchat.com, im.qq.com, web.threema.ch, chat.zalo.me"""
)
"""Hosts of chats in a browser tab."""

CHAT_TITLES: Any = re2.compile(
    r"(?i)(?:^|[-–—|)•]\s*)(?:whatsapp(?: web)?|telegram(?: web)?|discord|slack|microsoft teams|messenger|google chat"
    r"|messages for web|微信网页版)(?:\s*$|\s[-–—|]\s[^-–—|]{2,30}$)"
)
"""Titles of the same."""

PERSONAL_HOSTS: Any = re2.compile(
    r"(?:^|[.-])(?:news|nieuws|nachrichten|zeitung|noticias|noticia|noticies|actu|actualites|notizie|wiadomosci|"
    r"novosti|haber|haberler|gazete"
    r"|gazeta|vesti|khabar|akhbar|samachar|sport|sports|deportes|kino|cinema|dating|jobs?|karriere|empleo|emploi|"
    r"lavoro|praca|vagas"
    r"|stepstone|indeed|monster|glassdoor|infojobs|pracuj|hh|zhaopin|51job|liepin|saramin|jobkorea|rikunabi|mynavi|"
    r"naukri|kariyer"
    r"|parship|elitepartner|bumble|okcupid|match|meetic|badoo|lovescout24|shaadi|bharatmatrimony|jiayuan|hinge|pairs)\."
    r"|(?:news|zeitung|nachrichten|noticias|gazette|gazeta|gazete|haber|dating|jobs?|jobboerse)\.[a-z.]{2,7}$"
)
"""Hosts that say what they are: news, sport, film, job boards, dating."""

PERSONAL_WORDS: Any = re2.compile(
    r"\b(?:(?:online-|breaking )?news|nachrichten|schlagzeilen|aktuelles aus|noticias|actualités?|l'info|en direct|"
    r"notizie|notícias|nieuws"
    r"|wiadomości|newsy|haberler?i?|gazetesi|nyheter|nyheder|uutiset|hírek|știri|zprávy|zpravodajství|diario online|"
    r"tageszeitung|periódico"
    r"|live cricket|live ?score|horoskop|horoscope|jobbörse|jobsuche|stellenangebote|job search|jobs in|offres "
    r"d'emploi|empleos?"
    r"|ofertas de trabajo|vagas de emprego|offerte di lavoro|oferty pracy|iş ilanları|partnersuche|singlebörse|dating|"
    r"matrimony)\b"
    r"|новост|вакансии|знакомства|газета|гороскоп|новини|新闻|新聞|头条|热搜|招聘|求职|相亲|交友|体育|ニュース|求人|"
    r"転職|婚活|スポーツ|占い"
    r"|뉴스|신문|채용|구인|소개팅|스포츠|أخبار|الأخبار|صحيفة|وظائف|زواج|كورة|समाचार|ख़बर|खबर|नौकरी|क्रिकेट|ειδήσεις|"
    r"חדשות|ข่าว|tin tức|berita"
)
"""Words by which a site calls itself in its own part of a title."""

LEISURE_HOSTS = _names(
    """youtube.com, youtu.be, netflix.com, primevideo.com, disneyplus.com, hulu.com, hbomax.com, twitch.tv, vimeo.com,
    dailymotion.com, crunchyroll.com, tiktok.com, bilibili.com, b23.tv, douyin.com, iqiyi.com, youku.com, v.qq.com,
    mgtv.com, kick.com, rumble.com, odysee.com, plex.tv, nicovideo.jp, rutube.ru, arte.tv, ardmediathek.de, zdf.de,
    francetvinfo.fr, reddit.com, facebook.com, instagram.com, twitter.com, x.com, threads.net, threads.com, bsky.app,
    mastodon.social, tumblr.com, pinterest.com, 9gag.com, imgur.com, vk.com, ok.ru, weibo.com, weibo.cn,
    xiaohongshu.com, tieba.baidu.com, douban.com, news.ycombinator.com, lobste.rs, news.google.com, news.yahoo.com,
    msn.com, feedly.com, lemmy.world, snapchat.com, tinder.com, theguardian.com, bbc.com, bbc.co.uk, cnn.com,
    nytimes.com, washingtonpost.com, reuters.com, apnews.com, bloomberg.com, ft.com, economist.com, foxnews.com,
    nbcnews.com, cbsnews.com, npr.org, usatoday.com, politico.com, politico.eu, huffpost.com, dailymail.co.uk,
    independent.co.uk, telegraph.co.uk, thetimes.com, aljazeera.com, theverge.com, arstechnica.com, buzzfeed.com,
    vox.com, theonion.com, spiegel.de, zeit.de, faz.net, sueddeutsche.de, tagesschau.de, bild.de, welt.de, n-tv.de,
    stern.de, focus.de, heise.de, t-online.de, taz.de, derstandard.at, orf.at, nzz.ch, 20min.ch, srf.ch, watson.ch,
    lemonde.fr, lefigaro.fr, liberation.fr, 20minutes.fr, leparisien.fr, bfmtv.com, lequipe.fr, elpais.com, elmundo.es,
    marca.com, as.com, lavanguardia.com, abc.es, 20minutos.es, corriere.it, repubblica.it, gazzetta.it, ansa.it, nos.nl,
    nu.nl, volkskrant.nl, nrc.nl, telegraaf.nl, vrt.be, dn.se, svd.se, aftonbladet.se, expressen.se, svt.se, vg.no,
    nrk.no, dr.dk, politiken.dk, hs.fi, yle.fi, gazeta.pl, onet.pl, wp.pl, tvn24.pl, wyborcza.pl, idnes.cz, novinky.cz,
    index.hu, digi24.ro, publico.pt, globo.com, uol.com.br, folha.uol.com.br, clarin.com, infobae.com, lenta.ru, ria.ru,
    rbc.ru, meduza.io, pravda.com.ua, dzen.ru, habr.com, hurriyet.com.tr, haberturk.com, timesofindia.indiatimes.com,
    ndtv.com, thehindu.com, sina.com.cn, 163.com, sohu.com, toutiao.com, thepaper.cn, news.qq.com, ifeng.com, asahi.com,
    yomiuri.co.jp, nhk.or.jp, news.yahoo.co.jp, nikkei.com, news.naver.com, chosun.com, joongang.co.kr, espn.com,
    skysports.com, kicker.de, goal.com, nba.com, fifa.com, steampowered.com, steamcommunity.com, chess.com, lichess.org,
    roblox.com, itch.io, poki.com, crazygames.com, wordle.com, ign.com, gamespot.com, spotify.com, soundcloud.com,
    deezer.com, music.apple.com, music.163.com, tidal.com, bandcamp.com, twitchtracker.com, imdb.com, letterboxd.com,
    match.com, hh.ru, wykop.pl, filmweb.pl, eksisozluk.com, pikabu.ru, dcinside.com, fmkorea.com, zhipin.com,
    elconfidencial.com, ouest-france.fr, cricbuzz.com, knowyourmeme.com, archiveofourown.org, webtoons.com,
    discord.gg, onlyfans.com, pornhub.com"""
)
"""Registrable names (or sub-domains) whose pages are leisure; sub-domains of a name count too."""

LEISURE_NAMES = _names(
    """youtube, youtube music, netflix, prime video, amazon prime video, disney+, hulu, twitch, vimeo, dailymotion,
    crunchyroll, tiktok, bilibili, 哔哩哔哩, 抖音, 爱奇艺, 优酷, 腾讯视频, ニコニコ動画, reddit, facebook, instagram,
    twitter, bluesky, mastodon, tumblr, pinterest, 9gag, imgur, vk, вконтакте, одноклассники, 微博, 小红书, 豆瓣,
    hacker news, lobsters, google news, yahoo news, yahoo! news, msn, bbc, bbc news, bbc sport, bbc home, cnn, cnn.com,
    the guardian, the new york times, the washington post, reuters, ap news, bloomberg, bloomberg.com, financial times,
    the economist, fox news, nbc news, cbs news, npr, usa today, politico, huffpost, daily mail online, mail online,
    the independent, the telegraph, the times, al jazeera, the verge, ars technica, buzzfeed, vox, the onion,
    der spiegel, spiegel, spiegel online, zeit online, die zeit, faz, faz.net, süddeutsche zeitung, süddeutsche.de,
    sz.de, tagesschau.de, tagesschau, bild.de, welt, welt.de, n-tv.de, ntv, stern.de, focus online, heise online,
    t-online, taz.de, derstandard.at, der standard, news.orf.at, nzz, srf, le monde, le monde.fr, lemonde.fr, le figaro,
    libération, le parisien, bfmtv, bfm tv, l'équipe, el país, el mundo, marca, la vanguardia, abc.es,
    corriere della sera, corriere.it, la repubblica, repubblica.it, la gazzetta dello sport, ansa.it, nos.nl, nu.nl,
    de volkskrant, nrc, de telegraaf, vrt nws, dagens nyheter, dn.se, aftonbladet, svt nyheter, nrk, politiken,
    helsingin sanomat, yle, onet, gazeta.pl, tvn24, wyborcza.pl, idnes.cz, novinky.cz, público, globo, uol,
    folha de s.paulo, clarín, infobae, lenta.ru, риа новости, рбк, meduza, медуза, дзен, українська правда, hürriyet,
    times of india, ndtv, the hindu, 新浪网, 网易, 搜狐, 今日头条, 澎湃新闻, 凤凰网, 朝日新聞デジタル, yahoo!ニュース,
    nhkニュース, nhk news web, 日本経済新聞, 네이버 뉴스, 조선일보, espn, sky sports, kicker, goal.com, nba.com,
    chess.com, lichess.org, roblox, itch.io, ign, gamespot, spotify, soundcloud, deezer, apple music, bandcamp, imdb,
    letterboxd, twitch.tv, steam community"""
)
"""Casefolded site names that stand first or last in a page title."""

LEISURE_WHOLE = _names(
    """hacker news, news, sport and opinion from the guardian, reddit - dive into anything,
    reddit - the heart of the internet, home / x, x. it’s what’s happening / x, bbc - home, bbc home - breaking news,
    google news, youtube, netflix, tiktok - make your day, home | instagram, log in or sign up - facebook,
    spotify - web player: music for everyone, bluesky social, breaking news, schlagzeilen, nachrichten, 新闻,
    微博 – 随时随地发现新鲜事, 知乎 - 有问题，就会有答案的热榜"""
) | frozenset({"news, sport and opinion from the guardian", "breaking news, world news and video from al jazeera"})
"""Casefolded whole titles of leisure start pages (some contain commas)."""
