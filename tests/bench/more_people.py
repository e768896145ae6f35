"""More people for `other_days`: Asian and Near Eastern languages, macOS without titles, no afk bucket, JetBrains."""
# ruff: noqa: E501, W291  data reads best in rows

from __future__ import annotations

from tests.bench.person import EDGE, Browser, Machine, Person, pairs, rows, wins

MORE = (
    Person(
        name="buyer-zh", code="【某某科技】您的验证码为{code}，请勿告知他人",
        machine=Machine("DESKTOP-8K2", "Asia/Shanghai", (
            Browser("msedge.exe", " - 个人" + EDGE, " - InPrivate" + EDGE, "aw-watcher-web-chrome"),
            Browser("QQBrowser.exe", " - QQ浏览器", " - QQ浏览器", ""))),
        mail=rows("""Foxmail.exe :: 收件箱 - Foxmail
            Foxmail.exe :: 回复：三月采购计划"""),
        chat=rows("""WeChat.exe :: 微信
            WXWork.exe :: 企业微信"""),
        work=wins("""et.exe :: 采购清单.xlsx - WPS 表格
            wps.exe :: 合同模板.docx - WPS 文字
            explorer.exe :: 供应商资料"""),
        pages=pairs("""https://erp.example.cn/order/list 订单列表 - 采购管理系统
            https://baike.baidu.com/item/bearing 轴承_百度百科
            https://www.1688.com/cp/a 轴承批发 - 阿里巴巴"""),
        engine=("https://www.baidu.com/s?wd={}", "{}_百度搜索"),
        asks=rows("""深沟球轴承 型号 对照表
            深沟球轴承 价格 批发
            深沟球轴承 6204 尺寸
            深沟球轴承 质量标准 国标"""),
        paper=("wps.exe", "深沟球轴承采购报告.docx - WPS 文字"),
        sheet=("et.exe", "深沟球轴承报价.xlsx - WPS 表格"),
        form=("https://erp.example.cn/order/new", "新建订单 - 采购管理系统"),
        wares=pairs("""https://item.jd.com/1001.html 联想 ThinkBook 14 笔记本【行情 报价】- 京东
            https://item.jd.com/1002.html 华为 MateBook D 14 笔记本【行情 报价】- 京东
            https://item.jd.com/1003.html 小米 RedmiBook 14 笔记本【行情 报价】- 京东"""),
        book=("https://zhuanlan.zhihu.com/p/123456", "一文看懂轴承选型 - 知乎"),
        idle=pairs("""https://www.weibo.com/ 微博-随时随地发现新鲜事
            https://www.toutiao.com/ 今日头条
            https://www.guancha.cn/ 观察者网-中国关怀 全球视野"""),
        secret=rows("""离婚 财产分割 律师
            跳槽 简历 模板
            抑郁症 自测"""),
        bank=pairs("""https://pbsz.ebank.cmbchina.com/ 招商银行一网通 {iban}
            https://my.alipay.com/portal/i.htm 我的支付宝 － 支付宝"""),
        vault=("1Password.exe", "所有保险库 — 1Password"),
        call=("wemeetapp.exe", "腾讯会议", "", False),
        plan="mail 10, work 14, call 18, write 25, private 13, work 11, copy 15, away 12, compare 14, read 15, phone 12, secrets 6",
    ),
    Person(
        name="clerk-ja", code="認証コード：{code}",
        machine=Machine("PC-SATO", "Asia/Tokyo", (
            Browser("chrome.exe", " - Google Chrome", " - Google Chrome (シークレット)", "aw-watcher-web-chrome_PC-SATO"),
            Browser("firefox.exe", " — Mozilla Firefox", " — Mozilla Firefox プライベートブラウジング", "aw-watcher-web-firefox_PC-SATO")),
            afk=False),
        mail=rows("""OUTLOOK.EXE :: 受信トレイ - sato@example.co.jp - Outlook
            OUTLOOK.EXE :: RE: 見積書の件 - メッセージ (HTML 形式)"""),
        chat=rows("""ms-teams.exe :: チャット | 営業部 | Microsoft Teams
            LINE.exe :: LINE"""),
        work=wins("""EXCEL.EXE :: 売上集計.xlsx - Excel
            WINWORD.EXE :: 議事録.docx - Word
            explorer.exe :: 共有フォルダー"""),
        pages=pairs("""https://www.e-gov.example.jp/law 法令検索 | e-Gov
            https://kintone.example.jp/k/1 案件一覧 - kintone
            https://ja.wikipedia.org/wiki/%E7%A8%8E 消費税 - Wikipedia"""),
        engine=("https://www.google.com/search?q={}", "{} - Google 検索"),
        asks=rows("""インボイス制度 経過措置 仕訳
            インボイス制度 免税事業者 請求書
            インボイス制度 端数処理
            インボイス制度 登録番号 記載"""),
        paper=("WINWORD.EXE", "インボイス制度の手引き.docx - Word"),
        sheet=("EXCEL.EXE", "請求一覧.xlsx - Excel"),
        form=("https://keihi.example.jp/entry/new", "経費申請 新規作成 - 楽々精算"),
        wares=pairs("""https://kakaku.com/item/K1 複合機 ブラザー MFC 価格比較 - 価格.com
            https://kakaku.com/item/K2 複合機 キヤノン G3370 価格比較 - 価格.com
            https://kakaku.com/item/K3 複合機 エプソン EW 価格比較 - 価格.com"""),
        book=("https://www.nta.example.jp/guide/invoice", "適格請求書等保存方式の概要 - 国税庁"),
        idle=pairs("""https://www.yahoo.co.jp/ Yahoo! JAPAN
            https://www.nikkansports.com/ 日刊スポーツ - ニッカンスポーツ・コム
            https://www3.nhk.or.jp/news/ NHKニュース"""),
        secret=rows("""退職 引き継ぎ 拒否
            うつ病 診断書 休職
            婚活 アプリ 比較"""),
        bank=pairs("""https://direct.smbc.co.jp/aib/top.jsp 三井住友銀行 残高照会 {iban}
            https://www.rakuten-sec.co.jp/member 楽天証券 ログイン"""),
        vault=("KeePass.exe", "パスワード.kdbx - KeePass"),
        call=("ms-teams.exe", "週次会議 | Microsoft Teams", "", False),
        plan="work 14, mail 9, private 12, write 25, away 13, call 18, copy 15, read 14, compare 14, work 10, away 8, secrets 6",
    ),
    Person(
        name="developer-ko", code="[카카오] 인증번호 {code}를 입력하세요",
        machine=Machine("minho-mbp.local", "Asia/Seoul", (
            Browser("Google Chrome", " - Google Chrome", " - Google Chrome (시크릿)", "aw-watcher-web-chrome"),),
            titles=False, editor="aw-watcher-intellij-idea_minho-mbp.local"),
        mail=rows("""Mail :: """),
        chat=rows("""KakaoTalk :: 
            Slack :: """),
        work=wins("""IntelliJ IDEA :: 
            iTerm2 :: 
            Finder :: """),
        pages=pairs("""https://docs.spring.io/spring-boot/reference/ Spring Boot Reference
            https://github.com/acme/shop/pull/41 결제 모듈 수정 by minho · Pull Request #41 · acme/shop
            https://velog.io/@dev/jpa JPA N+1 문제 정리"""),
        engine=("https://search.naver.com/search.naver?query={}", "{} : 네이버 검색"),
        asks=rows("""LazyInitializationException could not initialize proxy
            LazyInitializationException 해결 방법
            LazyInitializationException no Session 트랜잭션
            LazyInitializationException could not initialize proxy spring"""),
        paper=("Pages", ""),
        sheet=("Numbers", ""),
        form=("https://hr.acme.example/leave/new", "휴가 신청 - 인사 시스템"),
        wares=pairs("""https://www.coupang.com/vp/1 기계식 키보드 레오폴드 - 쿠팡
            https://www.coupang.com/vp/2 기계식 키보드 한성 - 쿠팡
            https://www.coupang.com/vp/3 기계식 키보드 앱코 - 쿠팡"""),
        book=("https://tech.example.kr/jpa-guide", "JPA 영속성 컨텍스트 완벽 가이드"),
        idle=pairs("""https://www.fmkorea.com/ 에펨코리아
            https://news.naver.com/ 네이버 뉴스
            https://www.dcinside.com/ 디시인사이드"""),
        secret=rows("""이혼 소송 비용
            이직 연봉 협상
            탈모 치료 병원"""),
        bank=pairs("""https://obank.kbstar.com/quics KB국민은행 계좌조회 {iban}
            https://www.tossbank.com/ 토스뱅크"""),
        vault=("Keychain Access", ""),
        call=("zoom.us", "", "", False),
        plan="debug 24, work 12, private 14, mail 8, call 18, debug 22, away 14, compare 14, copy 14, read 15, work 10, secrets 6",
    ),
    Person(
        name="teacher-ar", code="رمز التحقق الخاص بك هو {code}",
        machine=Machine("LAPTOP-AMAL", "Africa/Cairo", (
            Browser("chrome.exe", " - Google Chrome", " - Google Chrome (التصفح المتخفي)", "aw-watcher-web-chrome_LAPTOP-AMAL"),)),
        mail=rows("""chrome.exe :: البريد الوارد (2) - Gmail - Google Chrome"""),
        chat=rows("""WhatsApp.exe :: WhatsApp
            Telegram.exe :: معلمات الصف الخامس"""),
        work=wins("""POWERPNT.EXE :: درس الكسور.pptx - PowerPoint
            WINWORD.EXE :: اختبار الشهر.docx - Word
            AcroRd32.exe :: كتاب الرياضيات.pdf - Adobe Acrobat Reader"""),
        pages=pairs("""https://madrasati.example/lesson/5 الدرس الخامس - مدرستي
            https://ar.wikipedia.org/wiki/fraction كسر (رياضيات) - ويكيبيديا
            https://www.almaany.com/ar/dict معنى كلمة - قاموس المعاني"""),
        engine=("https://www.google.com/search?q={}", "{} - بحث Google"),
        asks=rows("""شرح الكسور العشرية للصف الخامس
            الكسور العشرية أنشطة صفية
            الكسور العشرية ورقة عمل
            الكسور العشرية ألعاب تعليمية"""),
        paper=("WINWORD.EXE", "خطة درس الكسور العشرية.docx - Word"),
        sheet=("EXCEL.EXE", "درجات الطلاب.xlsx - Excel"),
        form=("https://noor.example/grades/new", "إدخال الدرجات - نظام نور"),
        wares=pairs("""https://www.noon.example/tablet-a تابلت سامسونج A9 - نون
            https://www.noon.example/tablet-b تابلت لينوفو M10 - نون
            https://www.noon.example/tablet-c تابلت هواوي SE - نون"""),
        book=("https://mawdoo3.example/fractions", "طرق تدريس الكسور للأطفال - موضوع"),
        idle=pairs("""https://www.aljazeera.net/ الجزيرة نت: آخر أخبار اليوم
            https://www.facebook.com/ Facebook
            https://www.yallakora.com/ يلا كورة"""),
        secret=rows("""طلاق خلع إجراءات
            أعراض الاكتئاب
            وظائف تدريس في الخليج"""),
        bank=pairs("""https://www.nbe.com.eg/ البنك الأهلي حساب {iban}
            https://www.alahli.com/ الأهلي أونلاين"""),
        vault=("Keeper Password Manager.exe", "Keeper"),
        call=("chrome.exe", "اجتماع | Microsoft Teams", "https://teams.microsoft.com/v2/", False),
        plan="work 12, private 13, mail 9, write 25, call 18, compare 14, away 11, copy 15, read 14, phone 12, work 12, secrets 6",
    ),
    Person(
        name="accountant-hi", code="{code} आपका ओटीपी है",
        machine=Machine("ACCOUNTS-2", "Asia/Kolkata", (
            Browser("chrome.exe", " - Google Chrome", " - Google Chrome (गुप्त)", "aw-watcher-web-chrome_ACCOUNTS-2"),
            Browser("opera.exe", " - Opera", " - Opera (निजी)", "aw-watcher-web-opera_ACCOUNTS-2"))),
        mail=rows("""chrome.exe :: इनबॉक्स (5) - Gmail - Google Chrome"""),
        chat=rows("""WhatsApp.exe :: WhatsApp"""),
        work=wins("""tally.exe :: TallyPrime - Gold
            EXCEL.EXE :: GST मार्च.xlsx - Excel
            AcroRd32.exe :: बिल_221.pdf - Adobe Acrobat Reader"""),
        pages=pairs("""https://services.gst.gov.in/services/login Goods and Services Tax (GST) Portal
            https://www.incometax.gov.in/iec/foportal आयकर पोर्टल
            https://hi.wikipedia.org/wiki/GST वस्तु एवं सेवा कर - विकिपीडिया"""),
        engine=("https://www.google.com/search?q={}", "{} - Google खोज"),
        asks=rows("""जीएसटी इनपुट टैक्स क्रेडिट नियम
            जीएसटी इनपुट टैक्स मिलान
            जीएसटी रिटर्न देरी जुर्माना
            जीएसटी इनपुट टैक्स रिवर्सल"""),
        paper=("WINWORD.EXE", "जीएसटी नोट.docx - Word"),
        sheet=("EXCEL.EXE", "खरीद रजिस्टर.xlsx - Excel"),
        form=("https://books.example.in/bills/new", "नया बिल - बुक्स"),
        wares=pairs("""https://www.flipkart.com/p/1 एचपी लेजर प्रिंटर - Flipkart
            https://www.flipkart.com/p/2 कैनन लेजर प्रिंटर - Flipkart
            https://www.flipkart.com/p/3 ब्रदर लेजर प्रिंटर - Flipkart"""),
        book=("https://cleartax.example/gst-itc", "इनपुट टैक्स क्रेडिट: पूरी जानकारी हिंदी में"),
        idle=pairs("""https://www.bhaskar.com/ Dainik Bhaskar - हिंदी समाचार
            https://www.cricbuzz.com/ Cricbuzz - Live Cricket Score
            https://www.youtube.com/watch?v=z भजन संग्रह - YouTube"""),
        secret=rows("""नौकरी सरकारी फॉर्म
            शादी रिश्ता समस्या
            शुगर का इलाज"""),
        bank=pairs("""https://retail.onlinesbi.sbi/retail/mypage.htm State Bank of India {iban}
            https://kite.zerodha.com/holdings Kite - Zerodha holdings"""),
        vault=("Bitwarden.exe", "Bitwarden"),
        call=("chrome.exe", "Meet – hqr-wxyz-abc", "https://meet.google.com/hqr-wxyz-abc", False),
        plan="copy 15, work 12, private 13, write 24, phone 12, read 14, away 12, compare 13, call 16, work 10, secrets 6",
    ),
    Person(
        name="shop-owner-tr", code="Doğrulama kodunuz: {code}",
        machine=Machine("ubuntu", "Europe/Istanbul", (
            Browser("Opera", " - Opera", " - Opera (Özel)", ""),
            Browser("Google-chrome", " - Google Chrome", " - Google Chrome (Gizli)", "aw-watcher-web-chrome_ubuntu"),
            Browser("Vivaldi-stable", " - Vivaldi", " - Vivaldi (Gizli Pencere)", ""))),
        mail=rows("""Mail :: Gelen Kutusu
            evolution :: Gelen Kutusu (3 okunmamış) — Posta"""),
        chat=rows("""whatsapp-desktop-linux :: WhatsApp
            discord :: #satış | Dükkan - Discord"""),
        work=wins("""libreoffice-calc :: stok.ods - LibreOffice Calc
            gimp-2.10 :: urun.png-1.0 (RGB color) – GIMP
            nautilus :: Ürün Resimleri"""),
        pages=pairs("""https://satici.example.com.tr/siparis Siparişler | Satıcı Paneli
            https://www.ptt.example/kargo Kargo Takip - PTT
            https://tr.wikipedia.org/wiki/KDV Katma değer vergisi - Vikipedi"""),
        engine=("https://yandex.com.tr/search/?text={}", "{} — Yandex: 2 bin sonuç bulundu"),
        asks=rows("""el yapımı sabun ambalaj fikirleri
            sabun ambalaj toptan
            sabun ambalaj etiketi mevzuat
            sabun ambalaj kraft kutu"""),
        paper=("libreoffice-writer", "sabun ambalaj planı.odt - LibreOffice Writer"),
        sheet=("libreoffice-calc", "fiyat_listesi.ods - LibreOffice Calc"),
        form=("https://satici.example.com.tr/urun/yeni", "Yeni ürün | Satıcı Paneli"),
        wares=pairs("""https://www.hepsiburada.com/p1 Zebra Etiket Yazıcı Fiyatı
            https://www.hepsiburada.com/p2 Xprinter Etiket Yazıcı Fiyatı
            https://www.hepsiburada.com/p3 Brother Etiket Yazıcı Fiyatı"""),
        book=("https://eticaret.example/rehber", "E-ticarette ambalaj tasarımı rehberi"),
        idle=pairs("""https://www.hurriyet.com.tr/ Hürriyet - Haber, Son Dakika Haberleri
            https://eksisozluk.com/ ekşi sözlük - kutsal bilgi kaynağı
            https://www.sozcu.com.tr/ Sözcü Gazetesi - Haberler"""),
        secret=rows("""boşanma davası masrafı
            kredi borcu icra
            iş ilanları istanbul"""),
        bank=pairs("""https://internetsubesi.garantibbva.com.tr/ Garanti BBVA İnternet {iban}
            https://www.ziraatbank.com.tr/ Ziraat Bankası İnternet Şubesi"""),
        vault=("Enpass", "Enpass"),
        call=("Google-chrome", "Müşteri görüşmesi - Webex", "https://dukkan.webex.com/webappng/sites/dukkan/meeting", True),
        plan="mail 9, work 13, phone 12, write 24, private 13, work 10, copy 15, compare 14, away 13, call 16, read 14, secrets 6",
    ),
)  # fmt: skip
