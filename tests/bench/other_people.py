"""Other people, languages and systems, as plain data for `other_days`."""
# ruff: noqa: E501  data reads best in rows

from __future__ import annotations

from tests.bench.person import EDGE, Browser, Machine, Person, pairs, rows, wins

PEOPLE = (
    Person(
        name="student-de", code="Ihr Bestätigungscode lautet {code}",
        machine=Machine("nb-lena", "Europe/Berlin", (
            Browser("firefox", " — Mozilla Firefox", " — Mozilla Firefox Privater Modus", "aw-watcher-web-firefox"),)),
        mail=rows("""thunderbird :: Fwd: Klausurtermine WS - Mozilla Thunderbird
            thunderbird :: Re: Gruppenreferat Donnerstag - Mozilla Thunderbird"""),
        chat=rows("""telegram-desktop :: Lerngruppe Bio
            telegram-desktop :: Jonas"""),
        work=wins("""soffice.bin :: Protokoll_Versuch3.odt — LibreOffice Writer
            okular :: Campbell_Biologie_Kap12.pdf — Okular
            anki :: User 1 - Anki"""),
        pages=pairs("""https://moodle.uni-example.de/course/view.php?id=771 Kurs: Zellbiologie II
            https://de.wikipedia.org/wiki/Mitose Mitose – Wikipedia
            https://www.leo.org/englisch-deutsch/spindle spindle - Deutsch-Wörterbuch - leo.org"""),
        engine=("https://www.ecosia.org/search?q={}", "{} - Ecosia - Web"),
        asks=rows("""Spindelapparat Aufbau Funktion
            Spindelapparat Mikrotubuli Kinetochor
            Spindelapparat Zellteilung Ablauf
            Spindelgift Colchicin Wirkung"""),
        paper=("soffice.bin", "Hausarbeit_Spindelapparat.odt — LibreOffice Writer"),
        sheet=("soffice.bin", "Messwerte.ods — LibreOffice Calc"),
        form=("https://moodle.uni-example.de/mod/data/edit.php?d=12", "Eintrag hinzufügen: Messwerte"),
        wares=pairs("""https://www.wg-example.de/1234.html Zimmer in 3er-WG Nordstadt - WG
            https://www.wg-example.de/2234.html Helles Zimmer Südstadt - WG
            https://www.wg-example.de/3234.html Zimmer am Park - WG"""),
        book=("https://www.spektrum-example.de/lexikon/zelle", "Der Zellzyklus im Überblick - Lexikon der Biologie"),
        idle=pairs("""https://www.spiegel.de/ DER SPIEGEL | Online-Nachrichten
            https://www.rnz.de/ RNZ – Nachrichten aus der Region
            https://www.youtube.com/watch?v=abc Katzen die niesen - YouTube"""),
        secret=rows("""Ausschlag am Hals was tun
            Exmatrikulation Härtefall
            Schwangerschaft abbrechen Beratung"""),
        bank=pairs("""https://www.sparkasse-nordheim.de/de/home/onlinebanking/finanzstatus.html Finanzstatus {iban} - Sparkasse Nordheim
            https://banking.ing.de/app/obligo Meine Konten – ING"""),
        vault=("keepassxc", "lena.kdbx - KeePassXC"),
        call=("firefox", "WG-Gespräch | BigBlueButton", "https://bbb.uni-example.de/html5client/join?sessionToken={token}", False),
        plan="mail 9, work 16, private 12, write 26, away 11, call 18, work 14, read 16, copy 15, leisure 9, compare 14, secrets 6",
    ),
    Person(
        name="nurse-office-fr", code="Votre code de vérification est {code}",
        machine=Machine("POSTE-07", "Europe/Paris", (
            Browser("msedge.exe", " - Profil 1" + EDGE, " - [InPrivate]" + EDGE, "aw-watcher-web-edge", flagged=True),)),
        mail=rows("""OUTLOOK.EXE :: Boîte de réception - cabinet@infirmieres.example - Outlook
            OUTLOOK.EXE :: RE: Tournée de jeudi - Message (HTML)"""),
        chat=rows("""WhatsApp.exe :: WhatsApp
            WhatsApp.exe :: (2) WhatsApp"""),
        work=wins("""EXCEL.EXE :: planning_tournees.xlsx - Excel
            WINWORD.EXE :: Compte rendu type.docx - Word
            explorer.exe :: Documents"""),
        pages=pairs("""https://www.ameli.fr/infirmier Infirmier | ameli.fr
            https://www.vidal.fr/medicaments/substances/heparine.html Héparine : substance active - VIDAL
            https://intranet.cabinet.example/planning Planning – Cabinet"""),
        engine=("https://www.qwant.com/?q={}", "{} - Qwant Search"),
        asks=rows("""cotation AMI perfusion domicile
            cotation AMI pansement complexe
            cotation AMI majoration dimanche
            cotation AMI cumul actes infirmiers"""),
        paper=("WINWORD.EXE", "Demande d'entente préalable cotation AMI.docx - Word"),
        sheet=("EXCEL.EXE", "actes_mars.xlsx - Excel"),
        form=("https://facturation.example/actes/nouveau", "Nouvel acte | Facturation"),
        wares=pairs("""https://www.materiel-medical.example/tensiometre-a Tensiomètre Omron M3
            https://www.materiel-medical.example/tensiometre-b Tensiomètre Beurer BM 58
            https://www.materiel-medical.example/tensiometre-c Tensiomètre Withings BPM"""),
        book=("https://www.has-sante.example/recommandations/plaies", "Prise en charge des plaies chroniques - Recommandations"),
        idle=pairs("""https://www.ouest-france.fr/ Ouest-France - Toute l'actualité en direct
            https://www.marmiton.org/recettes/gratin Gratin dauphinois : recette
            https://www.lemonde.fr/ Le Monde.fr - Actualités et Infos"""),
        secret=rows("""divorce combien ça coûte
            burn out arrêt maladie démission
            avocat droit du travail gratuit"""),
        bank=pairs("""https://www.credit-agricole.fr/particulier/compte Mes comptes {iban} - Crédit Agricole
            https://www.labanquepostale.fr/espace-client.html Espace client – La Banque Postale"""),
        vault=("Dashlane.exe", "Dashlane - Mots de passe"),
        call=("ms-teams.exe", "Réunion d'équipe | Microsoft Teams", "", False),
        plan="call 14, mail 12, copy 18, away 12, work 13, private 14, read 15, write 24, phone 12, work 16, secrets 6, compare 14",
    ),
    Person(
        name="lawyer-es", code="Su código de seguridad: {code}",
        machine=Machine("MacBook-Pro-de-Ana.local", "Europe/Madrid", (
            Browser("Safari", "", "", ""),
            Browser("Google Chrome", " - Google Chrome", " - Google Chrome (Incógnito)", "aw-watcher-web-chrome")), swift=True),
        mail=rows("""Mail :: Entrada (14 mensajes)
            Mail :: Re: Recurso de apelación 233/2025"""),
        chat=rows("""WhatsApp :: WhatsApp
            Mensajes :: Procurador"""),
        work=wins("""Microsoft Word :: Contestacion_demanda_v4.docx
            Vista Previa :: Sentencia_AP_Madrid.pdf – Página 3 de 41
            Finder :: Expedientes"""),
        pages=pairs("""https://www.boe.es/buscar/act.php BOE.es - BOE-A-1889-4763 Código Civil
            https://www.poderjudicial.es/search/indexAN.jsp CENDOJ - Buscador de jurisprudencia
            https://lexnet.justicia.example/bandeja LexNET - Bandeja de entrada"""),
        engine=("https://www.google.com/search?q={}", "{} - Buscar con Google"),
        asks=rows("""vicios ocultos plazo acción
            vicios ocultos compraventa jurisprudencia
            vicios ocultos carga de la prueba
            vicios ocultos indemnización Tribunal Supremo"""),
        paper=("Microsoft Word", "Recurso vicios ocultos.docx"),
        sheet=("Numbers", "Minutas 2026"),
        form=("https://sede.justicia.example/formulario/nuevo", "Nueva solicitud – Sede judicial electrónica"),
        wares=pairs("""https://hoteles.example/sevilla-a Hotel Alfonso, Sevilla - Precios
            https://hoteles.example/sevilla-b Hotel Becquer, Sevilla - Precios
            https://hoteles.example/sevilla-c Hotel Corregidor, Sevilla - Precios"""),
        book=("https://almacenderecho.example/vicios-ocultos", "Los vicios ocultos en la compraventa - Almacén de Derecho"),
        idle=pairs("""https://www.elconfidencial.com/ El Confidencial - Noticias
            https://elpais.com/ EL PAÍS: el periódico global
            https://www.marca.com/ MARCA - Diario online"""),
        secret=rows("""infidelidad terapia de pareja
            oposiciones judicatura edad límite
            prueba vih madrid anónima"""),
        bank=pairs("""https://www.bbva.es/personas.html Cuenta {iban} | BBVA
            https://www.caixabank.es/particular/home CaixaBank - Posición global"""),
        vault=("1Password", "Todas las cuentas — 1Password"),
        call=("FaceTime", "FaceTime", "", False),
        plan="private 12, mail 10, work 14, write 26, call 20, read 15, away 12, copy 16, leisure 8, compare 14, work 10, secrets 6",
    ),
    Person(
        name="translator-pl", code="{code} to Twój kod weryfikacyjny",
        machine=Machine("fedora", "Europe/Warsaw", (
            Browser("org.mozilla.firefox", " — Mozilla Firefox", " — Mozilla Firefox (tryb prywatny)"),)),
        mail=rows("""org.gnome.Evolution :: Poczta — Evolution
            org.gnome.Evolution :: Zlecenie 88/26: umowa najmu"""),
        chat=rows("""org.signal.Signal :: Signal
            org.telegram.desktop :: Tłumacze PL"""),
        work=wins("""OmegaT :: OmegaT 6.0 :: umowa_najmu
            org.gnome.Nautilus :: Zlecenia
            org.gnome.Evince :: lease_agreement.pdf"""),
        pages=pairs("""https://www.diki.pl/lease lease - tłumaczenie - słownik Diki
            https://iate.europa.eu/home IATE - termin
            https://www.proz.com/kudoz ProZ.com KudoZ"""),
        engine=("https://duckduckgo.com/?q={}", "{} w DuckDuckGo"),
        asks=rows("""force majeure klauzula tłumaczenie
            force majeure polski odpowiednik umowa
            force majeure siła wyższa kodeks cywilny
            force majeure clause wzór pl"""),
        paper=("libreoffice-writer", "umowa_force_majeure_PL.odt — LibreOffice Writer"),
        sheet=("libreoffice-calc", "glosariusz.ods — LibreOffice Calc"),
        form=("https://memsource.example/terms/new", "Nowy termin - Baza"),
        wares=pairs("""https://www.ceneo.pl/11111 Klawiatura Keychron K2 - Ceneo.pl
            https://www.ceneo.pl/22222 Klawiatura Logitech MX - Ceneo.pl
            https://www.ceneo.pl/33333 Klawiatura Dell KB700 - Ceneo.pl"""),
        book=("https://poradnik.example/umowy", "Jak tłumaczyć umowy najmu: poradnik dla tłumaczy"),
        idle=pairs("""https://www.onet.pl/ Onet – Jesteś na bieżąco
            https://www.wykop.pl/ Wykop.pl - newsy, aktualności
            https://www.filmweb.pl/ Filmweb - filmy takie jak Ty!"""),
        secret=rows("""jak odejść z pracy wypowiedzenie
            test na depresję wynik
            kredyt bez bik opinie"""),
        bank=pairs("""https://www.ipko.pl/ iPKO - rachunek {iban}
            https://www.mbank.pl/pulpit Pulpit - mBank"""),
        vault=("org.keepassxc.KeePassXC", "hasla.kdbx [zablokowana] - KeePassXC"),
        call=("org.mozilla.firefox", "Spotkanie z klientem | Jitsi Meet", "https://meet.jit.si/SpotkanieUmowa", False),
        plan="work 14, call 16, write 26, private 13, work 10, compare 15, away 14, copy 16, mail 10, read 15, phone 12, secrets 6",
    ),
    Person(
        name="designer-pt", code="{code} é o seu código de verificação",
        machine=Machine("studio", "America/Sao_Paulo", (
            Browser("chrome.exe", " - Google Chrome", " - Google Chrome", "aw-watcher-web-chrome_studio", flagged=True),
            Browser("brave.exe", " - Brave", " - Brave (Privada)", "aw-watcher-web-brave_studio"))),
        mail=rows("""chrome.exe :: Caixa de entrada (3) - bia@estudio.example - Gmail - Google Chrome"""),
        chat=rows("""Discord.exe :: #geral | Estúdio - Discord
            Slack.exe :: cliente-azul (Canal) - Estúdio - Slack"""),
        work=wins("""Figma.exe :: Landing v7 – Figma
            Photoshop.exe :: banner_final.psd @ 66,7% (RGB/8#)
            Illustrator.exe :: logo.ai* @ 120 %"""),
        pages=pairs("""https://www.figma.com/file/1/landing Landing v7 – Figma
            https://fonts.google.com/specimen/Inter Inter - Google Fonts
            https://br.pinterest.com/pin/12 Paleta de cores outono"""),
        engine=("https://www.google.com/search?q={}", "{} - Pesquisa Google"),
        asks=rows("""contraste acessibilidade WCAG cores
            contraste acessibilidade botão texto
            contraste acessibilidade verificador online
            contraste acessibilidade fundo laranja"""),
        paper=("Notion.exe", "Guia de contraste acessibilidade"),
        sheet=("EXCEL.EXE", "orcamento_cliente.xlsx - Excel"),
        form=("https://app.asana.example/0/new", "Nova tarefa - Projeto Azul"),
        wares=pairs("""https://www.kabum.example/monitor-a Monitor LG UltraFine 27
            https://www.kabum.example/monitor-b Monitor Dell U2723QE
            https://www.kabum.example/monitor-c Monitor BenQ PD2705"""),
        book=("https://brasil.uxdesign.example/sistemas", "Sistemas de design: um guia completo para times pequenos"),
        idle=pairs("""https://g1.globo.com/ g1 - O portal de notícias da Globo
            https://www.instagram.com/ Instagram
            https://www.uol.com.br/ UOL - Seu universo online"""),
        secret=rows("""vagas designer remoto europa
            gravidez de risco sintomas
            como pedir demissão"""),
        bank=pairs("""https://app.nubank.com.br/ Nubank - {iban}
            https://www.itau.com.br/conta Conta corrente | Itaú"""),
        vault=("Bitwarden.exe", "Bitwarden"),
        call=("chrome.exe", "Meet: kqz-oprt-xyz", "https://meet.google.com/kqz-oprt-xyz", True),
        plan="work 15, private 12, write 26, call 18, copy 16, away 12, compare 14, mail 9, phone 12, work 14, read 15, secrets 6",
    ),
    Person(
        name="researcher-ru", code="Код подтверждения: {code}",
        machine=Machine("arch", "Europe/Moscow", (
            Browser("Navigator", " — Mozilla Firefox", " — Приватный просмотр — Mozilla Firefox", "aw-watcher-web-firefox_arch"),),
            editor="aw-watcher-vim_arch"),
        mail=rows("""Alacritty :: neomutt: Входящие (3)
            Alacritty :: neomutt: Re: рецензия на статью"""),
        chat=rows("""TelegramDesktop :: Лаборатория – (4)
            TelegramDesktop :: Научный руководитель"""),
        work=wins("""Alacritty :: vim model.tex
            Alacritty :: python fit.py
            org.pwmt.zathura :: arXiv:2401.01234.pdf"""),
        pages=pairs("""https://arxiv.org/abs/2401.01234 [2401.01234] Байесовские нейронные сети
            https://cyberleninka.ru/article/n/bayes Байесовский вывод – КиберЛенинка
            https://numpy.org/doc/stable/reference/random NumPy random — NumPy Manual"""),
        engine=("https://yandex.ru/search/?text={}", "{} — Яндекс: нашлось 12 тыс. результатов"),
        asks=rows("""LinAlgError singular matrix numpy ошибка
            LinAlgError singular matrix как исправить
            singular matrix ковариация регуляризация
            LinAlgError singular matrix numpy linalg inv"""),
        paper=("Alacritty", "vim ~/papers/singular_matrix.tex"),
        sheet=("libreoffice-calc", "измерения.ods — LibreOffice Calc"),
        form=("https://istina.example/article/new", "Новая статья | ИСТИНА"),
        wares=pairs("""https://market.yandex.ru/product--a/1 Ноутбук ThinkPad X1 — Яндекс Маркет
            https://market.yandex.ru/product--b/2 Ноутбук Framework 13 — Яндекс Маркет
            https://market.yandex.ru/product--c/3 Ноутбук Huawei 14 — Яндекс Маркет"""),
        book=("https://cyberleninka.ru/article/n/mcmc-obzor", "Обзор методов Монте-Карло по схеме марковской цепи – КиберЛенинка"),
        idle=pairs("""https://lenta.ru/ Lenta.ru - Новости России и мира сегодня
            https://pikabu.ru/ Горячее – самые интересные посты | Пикабу
            https://vk.com/feed Новости"""),
        secret=rows("""эмиграция с ребёнком документы
            панические атаки лечение
            вакансии постдок германия"""),
        bank=pairs("""https://online.sberbank.ru/ СберБанк Онлайн счёт {iban}
            https://www.tbank.ru/mybank/ Т-Банк"""),
        vault=("KeePassXC", "база.kdbx - KeePassXC"),
        call=("zoom", "Конференция Zoom", "", False),
        plan="debug 24, work 12, private 14, work 10, away 15, write 25, call 22, read 16, mail 9, compare 14, copy 15, secrets 7",
    ),
)  # fmt: skip
