"""
The words of errors, by concept, in the languages that providers and relays answer in.

An entry is a word, a beginning (`expir*`), or a phrase (`used_up`); accents and case do not
count. Text without spaces between words (Chinese, Japanese) is searched for its entries.
English comes first in each concept, then Spanish, Portuguese, French, German, Russian,
Chinese and Japanese as far as they differ.
"""

from __future__ import annotations

from enum import StrEnum


class Concept(StrEnum):
    """What a word is about (a subject) or what is wrong with it (a complaint)."""

    # subjects
    KEY = "key"
    KEYISH = "key or token"
    SIGN_IN = "sign-in"
    ACCOUNT = "account"
    MODEL = "model"
    MONEY = "money"
    SPEND = "spend limit"
    QUOTA = "quota"
    LIMIT = "limit"
    RATE = "rate"
    PLACE = "place"
    SIZE = "size"
    CONTEXT = "context"
    CAPACITY = "capacity"
    SERVICE = "service"
    MACHINE = "machine"
    UPSTREAM = "upstream"
    NAMED = "name with digits"
    CONTENT = "content"
    SITE = "region"
    ENDPOINT = "endpoint"
    POLICY = "policy"
    RIGHT = "right"
    REQUEST = "request"
    THING = "thing"
    LONG = "day or month"
    SHORT = "minute or second"
    # complaints
    BAD = "bad"
    ABSENT = "absent"
    ENDED = "ended"
    SPENT = "spent"
    EXCEEDED = "exceeded"
    BIG = "too big"
    BARRED = "barred"
    BLOCKED = "blocked"
    BUSY = "busy"
    DOWN = "unavailable"
    LOADING = "loading"
    FAILED = "failed"
    CRASHED = "crashed"
    SLOW = "timed out"
    GONE = "retired"
    UNSUPPORTED = "unsupported"
    INCAPABLE = "cannot do it"
    UNREACHABLE = "unreachable"
    FLAGGED = "flagged"
    REQUIRED = "required"
    UNABLE = "may not"
    ARREARS = "in arrears"
    # words that bend others
    NOT = "not"
    VALID = "valid"
    EXISTS = "exists"
    ALLOWED = "allowed"
    SUPPORTED = "supported"
    SUPPORTS = "supports"
    ENOUGH = "enough"
    ACTIVE = "active"
    OBLIQUE = "of, for, in"
    FETCH = "fetch"
    ADVICE = "please"


C = Concept
SUBJECTS = frozenset(list(Concept)[: list(Concept).index(C.BAD)])
COMPLAINTS = frozenset(list(Concept)[list(Concept).index(C.BAD) : list(Concept).index(C.NOT)])
NEGATED = {
    C.VALID: C.BAD,
    C.EXISTS: C.ABSENT,
    C.ALLOWED: C.BARRED,
    C.SUPPORTED: C.UNSUPPORTED,
    C.SUPPORTS: C.INCAPABLE,
    C.ENOUGH: C.SPENT,
    C.ACTIVE: C.ENDED,
}
"""What a good word becomes behind a negation: `not valid` is bad."""

LEXICON: dict[Concept, str] = {
    C.KEY: "api_key* apikey* access_key* secret_key* subscription_key credential* bearer access_token* auth_token bearer_token"
    " oauth_token security_token api_token session_token refresh_token jwt password username_or_password id_token virtual_key"
    " clave_api clave_de_api chave* credencia* cle_api cle_d_api zugangsdaten api_schlussel* schlussel* ключ* 密钥 秘钥 令牌 凭证 キー",
    C.KEYISH: "key keys token secret clave cle signature",
    C.SIGN_IN: "auth authenticat* authori[sz]ation oauth* login logged sign_in unauthenticated unauthori[sz]ed autentica* authentifi*"
    " anmeld* аутентификац* авториз* 认证 鉴权 身份验证 登录 認証",
    C.ACCOUNT: "account* organi[sz]ation* org project workspace team tenant user cuenta conta konto compte аккаунт* 账户 账号 用户 アカウント",
    C.MODEL: "model models model_id modelo* modele modell* модел* deployment* endpoints engine lora adapter* 模型 모델 モデル",
    C.MONEY: "dollar credit* balance* billing funds payment* wallet* invoice* card prepaid prepayment budget* spend spending cost* afford coins"
    " saldo* pago* pagamento* fondos solde* paiement guthaben* zahlung* баланс* средств* оплат* 余额 账单 充值 残高 クレジット 支払 잔액 크레딧",
    C.SPEND: "spend spending budget*",
    C.QUOTA: "allotment* quota* allowance* allocation free_tier free_plan trial usage plan cuota* cota kontingent* квот* 配额 额度 用量 限额 クォータ 利用枠",
    C.LIMIT: "limit* cap ceiling rate_limit* ratelimit* лимит* 上限 限制 制限 tageslimit monatslimit",
    C.RATE: "request_volume rate_limit* ratelimit* throttl* too_many_requests requests_per tokens_per qps rpm tpm itpm otpm concurren*"
    " parallel in_flight slow_down too_fast too_frequent* demasiadas_solicitudes demasiadas_peticiones trop_de_requetes muitas_solicitacoes"
    " muitas_requisicoes zu_viele_anfragen ratenlimit* слишком_много_запросов частот* 频率 限流 速率 并发 频繁 请求过多 请求数 レート リクエストが多",
    C.PLACE: "countr* territor* jurisdiction geograph* your_region your_location your_area user_location countries_regions china russia iran cuba syria belarus venezuela crimea hong_kong north_korea pais paises ubicacion regiao region_du pays"
    " land_nicht ihrem_land sanction* стран* регион* 地区 国家 区域 地域 国では 国から 地域 지역 국가",
    C.SITE: "region regions location locations zone datacenter data_center",
    C.SIZE: "length tokens size payload body max_tokens input prompt content_length 长度 输入 トークン数 longitud longueur tamano длин*",
    C.CONTEXT: "context context_length context_window contexto contexte kontext* контекст* 上下文 コンテキスト",
    C.CAPACITY: "capacity capacidad* kapazitat* traffic load demand gpu slots queue compute 容量 負荷",
    C.CONTENT: "content output completion generation answer prompt input",
    C.MACHINE: "runner* process enginecore replica* worker workers gpus engines nodes instances pods",
    C.SERVICE: "internal our_side our_end server* service* system servidor* servico* servicio* serveur dienst сервер* 服务 系统 服务器 サーバー サービス",
    C.UPSTREAM: "supplier* behind_us limiting_us limits_us throttling_us throttles_us upstream gateway origin backend channel* distributor* peer proxy 上游 渠道",
    C.ENDPOINT: "endpoint route* path url uri page method resource",
    C.POLICY: "moderation safety hate violence self_harm sexual* toxic* llama_guard guardrail* prompt_injection filter filters guideline* content_policy content_safety politica* politique* richtlinie* политик* 安全 内容 审核 コンテンツ ポリシー",
    C.RIGHT: "terms permission* privilege* scope* access entitlement* subscription your_role iam_role acl permiso* permissao acces acceso acesso zugriff* berechtigung* доступ* 权限 権限",
    C.REQUEST: "request parameter* param params argument* field* value* schema json property properties string integer temperature syntax"
    " format messages body anfrage parametro* parametre* solicitud requete запрос* 参数 格式 パラメータ",
    C.THING: "image* file* tool tools audio video document* message role roles country_code container* corpus voice* guardrail* assistant* vector_store job upload cache cached response conversation thread batch"
    " feature* media header parameter value cookie extra_inputs",
    C.LONG: "day days daily month* week* today tomorrow midnight rpd tpd per_day 24h 86400s diari* dia mensual* mes semana* tage* taglich*"
    " monat* woch* jour* quotidien* mois дневн* сутк* суточн* месяц* месячн* 每日 每天 今日 当日 每月 本月 1日 一日 月間",
    C.SHORT: "min second seconds sec rpm tpm qps itpm otpm concurren* minut* sekunde* 每分钟 每秒 毎分 1分",
    C.BAD: "invalid* incorrect* wrong malformed bad illegal unrecogni[sz]ed mismatch* reject* corrupt* erron* ungultig* falsch* недействит* неверн*"
    " 无效 错误的 不正确 非法 不合法 無効 不正 正しくありません does_not_match did_not_match not_conform",
    C.ABSENT: "missing absent unknown not_found notfound nonexist* non_existent no_such lack* without falta* fehl* introuvable* отсутств*"
    " 不存在 未找到 找不到 缺少 缺失 未提供 无可用 没有可用 存在しません 見つかりません 見つからない ありません 존재하지 찾을 없습니다",
    C.ENDED: "withdrawn expir* revok* deactivat* disabled suspend* blacklist* leaked compromised deleted ended on_hold inactive banned terminated caduc* revocad*"
    " abgelaufen* gesperrt* deaktiviert* истек* отозван* заблокирован* 过期 失效 吊销 禁用 封禁 停用 期限切れ 失効",
    C.SPENT: "0 acabou spent negative below_zero exhaust* deplet* insufficient* consumed used_up used_all used_your run_out run_out_of ran_out ran_out_of out_of empty low zero requires_more need_more needs_more nothing_left"
    " agotad* insuficient* esgotad* epuise* insuffisant* erschopft* aufgebraucht* verbraucht* unzureichend* исчерпан* недостаточн* закончил*"
    " 不足 用尽 耗尽 用完 使い切",
    C.EXCEEDED: "exceed* reach* over surpass* hit maxed too_many excedi* excedeu superad* alcanzad* atingi* ultrapass* depass* atteint* uberschritten*"
    " erreicht* превыш* достигнут* 超过 超出 达到 已达 超限 超過 超え 達し",
    C.BIG: "too_long too_large too_big oversized longer larger maximum_length maximum_context max_length demasiado_larg* demasiado_grand*"
    " trop_long* zu_lang* zu_gross* longo_demais слишком_длин* слишком_больш* 过长 过大 太长 超长 長すぎ 大きすぎ",
    C.BARRED: "forbid* denied denies restrict* prohibit* unauthori[sz]ed_to denegad* prohibid* negado proibid* refuse* interdit* verweigert* verboten*"
    " запрещ* отказано 拒绝 禁止 无权 没有权限 未授权 拒否 許可されて 権限がありません 존재하지 찾을 없습니다",
    C.BLOCKED: "automated bot suspicious unusual_activity withheld blocked stopped intercepted declined bloqueado bloque blockiert* 拦截 ブロック",
    C.BUSY: "overload* busy congest* saturat* high_demand too_much_traffic too_much_load high_load heavy_load heavy_traffic high_traffic at_capacity over_capacity sobrecargad* ocupad* sobrecarregad*"
    " uberlastet* ausgelastet surcharg* перегруж* занят 繁忙 忙碌 过载 负载 访问量过大 拥挤 過負荷 混雑 混み合",
    C.DOWN: "unavailable not_available not_be_reached недоступ* 利用できません ご利用いただけません offline maintenance outage",
    C.LOADING: "not_ready loading starting scaling_from_zero scaling_up scale_up downloading_weights downloading_model pulling warming warm_up starting_up initiali[sz]ing booting cold_start model_loading spinning cargando carregando chargement_en geladen_wird"
    " wird_geladen загружается 加载中 正在加载 启动中 読み込み中 ロード中",
    C.FAILED: "terminated died our_side our_end error errors fail* crash* exception fault unexpected* fehler erreur* falha fallo ошибк* 失败 错误 异常 失敗 エラー",
    C.CRASHED: "crash* explod* segfault panick*",
    C.SLOW: "timeout timed_out time_out took_longer took_too_long takes_too_long context_deadline_exceeded timing_out deadline tardo zeituberschreitung 超时 タイムアウト",
    C.GONE: "deprecat* retired decommission* sunset* removed discontinu* no_longer end_of_life eol turned_off obsolete shut_down 下线 弃用 提供終了",
    C.UNSUPPORTED: "unsupported 不支持 サポートされていません",
    C.INCAPABLE: "incapable",
    C.UNREACHABLE: "unreachable connection_refused refused_connection connection_reset connect_error connection_error disconnect* no_healthy bad_gateway"
    " ring_balancer could_not_connect failed_to_connect gateway_timeout",
    C.FLAGGED: "flagged violat* moderated censored harmful unsafe inappropriate jailbreak content_filter* content_management usage_polic* acceptable_use data_inspection"
    " 敏感 违规 不适当 違反 不適切 unangemessen* inapropriad* inapropiad*",
    C.UNABLE: "can_not may_not must_not only_for only_be may_only can_only only_available 只能",
    C.REQUIRED: "required requires must_be mandatory erforderlich requerid* requis* obligatoir* требуется 必须 必要",
    C.ARREARS: "top_up recharge recarregue recargue overdue unpaid arrear* past_due payment_required suspended_for_billing 欠费 欠款 zahlung_erforderlich",
    C.NOT: "not no never none nor unable non didn doesn isn hasn don wasn nicht kein* pas aucun* ne n nao sin sem sans ohne не нет нельзя",
    C.VALID: "valid* correct accepted recogni[sz]ed verified match* correcta gultig* действител*",
    C.EXISTS: "found exist* provided supplied offer* present known available served serve hosted loaded pulled configured encontrad* gefunden "
    " trouve* disponible* disponivel verfugbar vorhanden найден* существует set",
    C.ALLOWED: "allow* permit* authori[sz]ed have_access has_access access eligible entitled enabled whitelisted autori[sz]ad* autorise* erlaubt berechtigt* разрешен*",
    C.SUPPORTED: "supported soportad* suportad* unterstutzt pris_en_charge поддерживается",
    C.SUPPORTS: "support supports handle accept accepts",
    C.ENOUGH: "enough sufficient* suficient* suffisant* ausreichend* genug достаточно",
    C.ACTIVE: "active activated up",
    C.OBLIQUE: "for in of with to on by from at as under fur in_der de para por con com pour dans mit von bei для в на с",
    C.FETCH: "fetch* download* retriev* scrap* mcp",
    C.ADVICE: "please check see visit contact try retry upgrade use ensure make verify go add reduce wait consider refer learn read update"
    " submit increase subscribe purchase buy choose switch generate obtain bitte veuillez verifique compruebe por_favor пожалуйста 请 ください",
}  # fmt: skip
