"""Data of the secret finder: shapes of tokens as vendors document them, words that announce a secret, common letter pairs."""

from __future__ import annotations

_BODY = r"[\w.=+/~%-]"

WEBHOOKS = (
    r"(?:https?://)?(?:hooks\.slack\.com/(?:services|workflows|triggers)|(?:\w+\.)?discord(?:app)?\.com/api/webhooks"
    rf"|[\w-]+\.webhook\.office\.com/webhookb2|chat\.googleapis\.com/v1/spaces|hooks\.zapier\.com/hooks)/(?:[@?&]|{_BODY})+"
)
"""Addresses that are a secret as a whole: who knows one can post there."""

# Prefixes that nothing but a credential has; whatever follows without a break is part of it.
CERTAIN: tuple[str, ...] = (
    # code hosting and continuous integration
    rf"(?:gh[oprsu]_|github_pat_|gl(?:pat|rt|rtr|dt|ft|soat|imt|agent|cbt|ptt|oas|ffct)-|_gitlab_session=){_BODY}{{12,}}",
    rf"(?:AT(?:ATT|CTT|BB)3|CCIP(?:AT|RJ)_|bk(?:ua|at)_|npm_[a-z0-9]|pypi-AgE|rubygems_|CLOJARS_|GR1348941){_BODY}{{12,}}",
    rf"(?:dckr_(?:pat|oat)_|SWM(?:KEY|TKN)-1-|sq[apu]_|sgp_|PM(?:AK|AT)-|AKCp|snyk_|sntry[su]_|do[opr]_v1_){_BODY}{{12,}}",
    # chat
    r"xox[abceoprs]-[\w-]{8,}|(?:xapp|xwfp)-\d-[\w-]{8,}|\b\d{5,16}:A[A-Za-z0-9_-]{30,}",
    WEBHOOKS,
    r"\b[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,38}",
    # language models
    rf"\bsk-(?:proj|admin|svcacct|or-v1|ant-\w+|live|test)-{_BODY}{{12,}}|\bsk-[A-Za-z0-9]{{20,}}",
    rf"\b(?:gsk_|hf_|tgp_v1_|api_org_|ntn_|lin_api_|lin_oauth_|pplx-|llx-|tvly-|xai-|figdr?_|dnkey-){_BODY}{{12,}}",
    rf"\b(?:lsv2_[a-z]{{2}}_|[sp]k-lf-|nvapi-|pcsk_|jina_|apify_api_|sb_secret_|tskey-\w+-|PMAK-|rnd_){_BODY}{{12,}}",
    # clouds
    r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA|AGPA|ANPA|AIPA|A3T[A-Z0-9])[A-Z0-9]{12,}",
    rf"AIza{_BODY}{{20,}}|GOCSPX-{_BODY}{{16,}}|\bya29\.{_BODY}{{16,}}|\b1//0{_BODY}{{20,}}|[\w.~-]{{3}}\dQ~{_BODY}{{20,}}",
    rf"ABSK{_BODY}{{40,}}|bedrock-api-key-{_BODY}{{8,}}|\bLTAI[A-Za-z0-9]{{12,}}|\bcf(?:ut|k|at)_{_BODY}{{20,}}",
    rf"\b(?:fm[12]_|fo1_|nf[cpu]_|vc[aikpr]_|sb[ps]_|pscale_[a-z]+_|glc_|glsa_|ops_eyJ|hv[bsr]\.){_BODY}{{12,}}",
    r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{20,}|\bsha256~[\w-]{20,}|\bwx[0-9a-f]{16}\b",
    # payment, mail, shops
    rf"\b(?:[prs]k_(?:live|test|prod)_|whsec_|sq0[a-z]{{3}}-|EZ[AT]K|shippo_\w{{4}}_|FLW(?:SEC|PUB)K){_BODY}{{12,}}",
    rf"\b(?:shp(?:at|ca|pa|ss|ua|tka)_|xkeysib-|xsmtpsib-|[ps]k\.eyJ|IGQ[VW]|EAAA|EAAC){_BODY}{{24,}}",
    r"\b(?:pub)?key-[0-9a-f]{32}|\b\w{32}-us\d{1,2}\b|\b[0-9a-g]{32}-[0-9a-g]{8}-[0-9a-g]{8}\b|\b[0-9a-f]{30,}NRAL\b",
    r"\b(?:SK|AC)[0-9a-fA-F]{32}\b|\bHRKU-[\w-]{16,}|\bNR(?:AK|JS|II|AL|BR|RA|SP)-[\w-]{16,}|\bsm_[aps]at_\w{14,}|"
    r"\baccess-(?:sandbox|development|production)-[0-9a-f-]{30,}|\bs-s4t2(?:ud|af)-\w{20,}",
    r"\baccess_token\$production\$[0-9a-z]{16}\$[0-9a-f]{32}|\brzp_(?:live|test)_\w{14,}|\b[12]/\d{13,}(?:/\d{13,})?:[0-9a-f]{32}|"
    r"\bpat-[a-z]{2}\d-[0-9A-Fa-f-]{36}|\b(?:sdk|mob|api|rel)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    r"\b\d{12,}-[a-z0-9]{20,}\.apps\.googleusercontent\.com|\b\d{12,}\|[\w-]{20,}|\w{20,}_mmk\b",
    rf"(?:sc|ext|scauth|authress)_[a-z0-9]{{5,}}\.[a-z0-9]{{4,}}\.acc{_BODY}{{12,}}",
    # keys that are typed off a sheet: BitLocker, products in five groups of five
    r"\b\d{6}(?:-\d{6}){7}\b|\b(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}\b",
    r"\bWPL_AP\d\.[\w.=+/]{12,}|\bdjango-insecure-\S{20,}|\bAAAA[\w-]{7}:APA91b[\w-]{20,}",
    r"\bA3-[A-Z0-9]{6}-(?:[A-Z0-9]{5,6}-){2,5}[A-Z0-9]{5}\b|AGE-SECRET-KEY-1[A-Z0-9]{20,}",
    # keys and signed tokens: JSON Web Token (base64 in base64 too, or with escaped slashes), PASETO, NTLM, PEM (base64 too)
    r"\bey[A-Za-z0-9]{16,}\.ey[\w/\\+=-]{16,}(?:\.[\w/\\+=-]{10,})?|\bv[1-4]\.(?:local|public)\.[\w-]{30,}",
    rf"eyJ{_BODY}{{14,}}|ZXlK{_BODY}{{20,}}|TlRMTV{_BODY}{{12,}}|LS0tLS1CRUdJTi{_BODY}+",
    r"-----BEGIN[\w -]{0,100}PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]*?-----END[^-]*-----|[\s\S]*)",
)
"""re2 fragments; the whole match is the secret."""

LIKELY: tuple[str, ...] = (
    rf"\b(?:oy2|sl\.|slk_|pul-|ico-|pn[ub]_|rdme_|cmVm[dt]|dapi|tk-us-|API-|tfp_|duffel_|ph[csx]_|secret_|"
    rf"SG\.){_BODY}{{16,}}",
    rf"\b(?:r8_|fw_|akab-|akaa-|fio-u-|p8e-|CFPAT-|AKID){_BODY}{{12,}}",
    rf"\b(?:[ps]at\.|dp\.(?:pt|st|ct|scim|sa|audit)\.|dt0[a-z]\d\d\.|t1\.|AQVN|YC[A-Za-z]|(?:live|test)_){_BODY}{{20,}}",
    r"\b00[A-Za-z0-9_-]{40}\b|\b[sbr]\.[A-Za-z0-9]{24}\b|\b[0-9a-f]{8}:[0-9a-f]{8}\b|\bst\.[0-9a-f-]{36}\.[\w.]{20,}|\bfc-[0-9a-f]{32}\b",
)
"""re2 fragments of shapes that a file or function name can have too; a secret only if the match looks random."""

PASSWORDS = (
    "pass(?:word|wd|wrd|wort|phrase|code|in|out)?s?|pwd?|psw?s?w?(?:d|rd|ord)|pas+w?s?ord|passworsd|mdp|kennwort|losung|"
    "mots?[ _-]de[ _-]passe|contrase(?:ñ|n)a|clave(?: de (?:acceso|paso|red))?|senha|palavra[ _-]passe|"
    "parola(?: (?:d['’](?:accesso|ordine)|chiave))?|hasł?l?o|heslo|lösenord|passord|"
    "adgangskode|wachtwoord|salasana|jelszó|şifre|sifre|лозинка|пароль|密码|密碼|口令|パスワード|비밀번호|סיסמה|"
    "كلمة (?:المرور|السر)|"
    "पासवर्ड|পাসওয়ার্ড|รหัสผ่าน|mật khẩu|kata sandi|κωδικ\\pL+(?: πρόσβασης)?|lozink[ae]|geslo|parol[ăeai]?|slaptažod\\pL+|salasõna|"
    "contrasenya|pasahitza|رمز عبور|گذرواژه|గోప్యపదం|கடவுச்சொல்"
)
"""Words for a password; between them and an assignment sign only a short ending may stand."""

KEYWORDS = (
    "secret|token|credential|api[ _-]?key|apikey|access[ _-]?key|private[ _-]?key|secret[ _-]?key|auth[ _-]?key|"
    "authentication key|encryption[ _-]?key|signing[ _-]?key|account[ _-]?key|license[ _-]?key|aes[ _-]?key|key_wrap|pkey|"
    "authorization|signature|nonce|salt|session[ _-]?id|jsessionid|phpsessid|client[ _-]?secret|webhook|bearer|"
    "geheimnis|schlüssel|jeton|clé|секрет|токен|ключ|密钥|密鑰|令牌|秘密|シークレット|トークン|토큰"
)
"""Words for other secrets."""

VENDORS = (
    "adafruit|adobe|airtable|akamai|algolia|alibaba|aliyun|amplitude|asana|atlassian|auth0|aws|azure|beamer|"
    "bintray|bitbucket|"
    "bittrex|bitly|bugsnag|circleci|cisco|clearbit|cloudflare|cloudinary|codecov|cohere|coinbase|confluence|confluent|"
    "contentful|contribsys|datadog|digitalocean|discord|drone(?:ci)?|dropbox|etsy|facebook|fastly|finicity|"
    "finnhub|firebase|"
    "flickr|foursquare|freshbooks|freshdesk|gitter|gitlab|github|gocardless|grafana|heroku|hubspot|instagram|intercom|"
    "jenkins|jfrog|jira|kraken|kubernetes|kucoin|launchdarkly|linear|linked[_-]?in|lob|looker|mailchimp|mailgun|"
    "mailjet|mapbox|"
    "mattermost|meraki|message[_-]?bird|mixpanel|netlify|new[_-]?relic|nexmo|nytimes|okta|openai|pagerduty|paypal|plaid|"
    "postmark|privateai|pusher|rapidapi|recaptcha|reddit|salesforce|sauce|segment|sendbird|sendgrid|sentry|shodan|shopify|"
    "slack|snyk|sonar(?:qube|token)?|spotify|square(?:space)?|stripe|sumo(?:logic)?|supabase|telegr|trello|"
    "travis|twilio|twitch|twitter|"
    "typeform|unsplash|wakatime|weatherstack|x[_-]?ray|yandex|youtube|zendesk|zoom|"
    "adyen|alchemy|anthropic|artifactory|backblaze|binance|bitfinex|bitmex|braintree|brevo|browserstack|bugcrowd|buildkite|bybit|"
    "calendly|chargebee|clickup|databricks|deepgram|deepl|deepseek|docusign|doppler|dynatrace|easypost|elevenlabs|eventbrite|figma|"
    "firecrawl|fitbit|flutterwave|garmin|gitea|hetzner|honeycomb|infura|klaviyo|lambdatest|linode|logdna|loggly|mandrill|mapquest|"
    "maxmind|miro|mistral|mollie|mongodb|moralis|openweather|opsgenie|papertrail|paystack|perplexity|pinecone|pingdom|pipedrive|"
    "planetscale|plivo|pubnub|quickbooks|raygun|razorpay|recurly|replicate|ringcentral|rollbar|scaleway|serpapi|settlemint|shippo|"
    "sidekiq|sparkpost|splunk|statuspage|strava|telnyx|tomtom|upstash|vercel|veracode|virustotal|vonage|vultr|wasabi|webflow|"
    "woocommerce|xero|zapier|zoho"
)
"""Services whose keys have no shape of their own; a name, an assignment sign and a token-like value make a secret."""

_PAIRS = (
    "a:abcdfghijklmnoprstuvwyz b:aeiloru c:aehiklortu d:aeiorsu e:abcdefghijklmnoprstuvwxyz f:aefiloru "
    "g:aeghilnorstu h:aeiotu "
    "i:abcdefgijklmnoprstvz j:aeiou k:aehiklorstu l:adeilmnostuy m:abeimopu n:acdefgijknostuy o:abcdfghijklmnoprstuvwz "
    "p:aehiloprstu q:u r:abcdegiklmnorstuvyz s:acehiklopstuyz t:aehiklorstuy u:abcdegijklmnprst v:aeio w:aeio "
    "y:aeimops z:aeio"
)
COMMON_PAIRS = frozenset(head + tail for head, _, tails in (row.partition(":") for row in _PAIRS.split()) for tail in tails)
"""The letter pairs that make up 93 % of 21 European languages in Latin script (counted over the translations of free desktop
programs, accents removed). Of random letters 42 % are such pairs."""
