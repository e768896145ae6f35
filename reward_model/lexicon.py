"""The word lists behind the features: kinds of verbs and subjects of a task, signs in an event, a bridge from Chinese.

Written from how people word tasks, after reading ProactiveBench's training rows; 24 words of the bridge occur in one of
its traces only. Which of the words matter, and how much, is learned.
"""

from __future__ import annotations

_VERBS = {
    "provide": "provide give share show display deliver return present list get direct",
    "offer": "offer propose",
    "help": "help assist assisting support aid guide advise",
    "suggest": "suggest recommend",
    "search": "search find look locate browse research gather pull inquire discover conduct explore",
    "open": "open switch navigate go visit launch close bookmark",
    "explain": "explain teach clarify describe discuss walk",
    "make": "create write draft generate compile build implement code prepare make",
    "sum": "summarize summarise extract highlight outline condense collect",
    "check": "check review verify validate test double-check analyze analyse examine evaluate inspect debug fix correct "
    "troubleshoot resolve identify compare run perform",
    "organize": "organize organise set schedule remind monitor track save sort rename back backup format translate convert "
    "paste copy store",
    "idle": "continue take keep stay wait ask observe try enter refer remain if consider learn",
}
_SUBJECTS = {
    "snippet": "snippet snippets example examples sample template templates boilerplate",
    "docs": "documentation docs reference guide guides manual official",
    "tutorial": "tutorial tutorials course courses learning lesson lessons video videos",
    "resource": "resource resources material materials link links website websites site sites information article articles "
    "blog",
    "tips": "tips advice suggestions guidance best practices practice strategies techniques tricks",
    "sum": "summary summarize summarise key points overview brief highlights main outline",
    "compare": "comparison compare differences difference versus alternatives options different",
    "fix": "error errors bug bugs issue issues debug debugging fix troubleshoot troubleshooting problem problems solution "
    "solutions",
    "review": "review improvements improvement optimize optimization refactor refactoring quality",
    "test": "test tests testing cases case unit validate validation verify",
    "tool": "tool tools extension extensions plugin plugins software app apps library libraries framework frameworks platform",
    "flow": "workflow productivity efficient efficiently efficiency tab tabs window windows workspace layout manage management "
    "shortcut shortcuts multitasking navigation navigate switching",
    "note": "note notes markdown document documents format formatting writing write draft report content",
    "plan": "reminder reminders schedule calendar break pause rest plan task tasks list to-do todo goals timer deadline save",
    "run": "run execute terminal compile command commands script install environment setup configure configuration",
    "step": "step-by-step step steps detailed specific directly automatically",
    "vague": "any relevant useful needed necessary appropriate general various desired activity activities help assistance "
    "something interest interests topics topic needs",
    "news": "latest news updates update recent trends current",
    "paper": "paper papers academic study studies research journal scholarly case",
    "code": "code function functions class method methods script programming coding",
    "translate": "translate translation language chinese english",
    "buy": "price prices buy product products brand brands reviews shopping deal deals",
}
_STOP = (
    "the a an of to in on for and or with your you user users user's their they them his her its it is are be as at by from "
    "that this these those any some more into using use used via if then than such based related through about between while "
    "when where which what who how can could would might may will do does did has have had not no i my me we our one within "
    "further additional other another new"
)
_COMMON = (
    "visual studio code google browser web page application mouse click search type scroll result open tab switch back file"
)
_SUFFIXES = ("ization", "isation", "ations", "ation", "ings", "ing", "ies", "ers", "er", "ed", "es", "s", "e")

BRIDGE = {
    "手机": "phone smartphone", "发布": "release", "三星": "samsung", "小米": "xiaomi", "徕卡": "leica leitz",
    "开发": "develop", "教程": "tutorial", "文档": "documentation document", "搜索": "search", "查找": "find search",
    "查询": "search", "错误": "error", "报错": "error", "异常": "exception error", "修复": "fix", "调试": "debug",
    "代码": "code", "片段": "snippet", "示例": "example", "例子": "example", "邮件": "email", "邮箱": "email",
    "地址": "address", "校验": "validation verify check", "验证": "validation verify", "正则": "regex",
    "淡入": "fade-in fade animation", "淡出": "fade-out fade animation", "动画": "animation", "列表": "list",
    "布局": "layout", "思路": "idea notes plan", "概览": "overview", "环保": "sustainable", "降解": "biodegradable",
    "价格": "price", "比较": "compare", "对比": "compare comparison", "论文": "paper", "翻译": "translate",
    "安装": "install", "配置": "configure", "函数": "function", "数据库": "database", "数据": "data",
    "分析": "analyze analysis", "视频": "video", "新闻": "news", "下载": "download", "屏幕": "screen", "电池": "battery",
    "相机": "camera", "界面": "interface", "登录": "login", "密码": "password", "学习": "learn", "浏览器": "browser",
    "项目": "project", "文件": "file", "测试": "test", "模型": "model", "训练": "train", "会议": "meeting",
    "日程": "schedule", "日历": "calendar", "提醒": "remind reminder", "表格": "table spreadsheet", "文章": "article",
    "网页": "page", "页面": "page", "网站": "website", "链接": "link", "助手": "assistant", "参数": "parameter specification",
    "评测": "review", "数字": "digital", "支付": "payment", "交通": "traffic", "酒店": "hotel", "机票": "flight ticket",
    "旅行": "travel trip", "天气": "weather", "地图": "map", "简历": "resume", "报告": "report",
    "总结": "summarize summary", "摘要": "summary", "概括": "summarize", "要点": "key points", "大纲": "outline",
    "笔记": "note notes", "计划": "plan", "图片": "image picture", "网络": "network", "服务器": "server",
    "接口": "api interface", "框架": "framework", "组件": "component", "样式": "style", "按钮": "button",
    "语言": "language", "软件": "software", "工具": "tool", "插件": "plugin", "远程": "remote", "桌面": "desktop",
    "控制": "control", "研究": "research", "市场": "market", "产品": "product", "咖啡": "coffee", "连接池": "pool connection",
    "连接": "connection", "提供": "provide", "给出": "give", "显示": "show", "分享": "share", "推荐": "recommend",
    "建议": "suggest suggestions", "帮助": "help", "协助": "assist", "帮": "help", "打开": "open", "切换": "switch",
    "解释": "explain", "说明": "explain", "介绍": "describe", "创建": "create", "生成": "generate", "编写": "write",
    "写": "write", "实现": "implement", "检查": "check", "审查": "review", "优化": "optimize", "运行": "run",
    "整理": "organize", "保存": "save", "备份": "backup", "重命名": "rename", "转换": "convert", "复制": "copy",
    "粘贴": "paste", "继续": "continue", "休息": "break rest", "任务": "task", "资料": "resources material",
    "资源": "resources", "信息": "information", "相关": "relevant", "最新": "latest", "步骤": "steps", "逐步": "step-by-step",
    "详细": "detailed", "技巧": "tips", "方法": "method", "最佳实践": "best practices", "指南": "guide", "官方": "official",
    "库": "library", "用户": "the user", "您": "you", "你": "you", "或": " or ", "和": " and ", "与": " and ",
}  # fmt: skip
"""Chinese words, and how an English event or task says them."""

SIGNS = {
    "query": r"search(?:es|ed|ing)?\b.{0,40}['\"‘“]|quer(?:y|ies)|['\"‘“][^'\"]{3,}['\"’”] (?:in|into) the search"
    r"|searched? (?:for|results? .{0,20}(?:for|about|regarding|related))|- (?:google )?(?:搜索|search)",
    "search": r"search|google|bing|搜索|百度",
    "error": r"error|exception|fail|invalid|troubleshoot|not found|insufficient|错误|报错|异常",
    "read": r"article|titled|blog|tutorial|guide|documentation|discussion|stack overflow|thread|paper|review|website"
    r"|page about|link|\breads?\b|readme|csdn|wiki|教程|文章",
    "ai": r"deepseek|kimi|chatgpt|\bchat\b|copilot|gemini|claude",
    "vague": r"(?:an|another|unspecified|different) app|without|no specific|not perform|remain|stay|continues? (?:to|working)"
    r"|multiple|several times|various|extensive",
    "mouse": r"click|scroll|mouse",
    "turn": r"switch|return|back to|revert|resum",
    "write": r"\btyp|writes|notes|edit|modif|updates?|paste|adds|changes|code into",
    "run": r"\bruns?\b|execut|clones|activates|install",
    "blank": r"new ?tab|homepage|新建|empty",
    "keys": r"ctrl|cmd|caps_lock|shift|enter",
    "edit": r"visual studio|code\.exe|editor|\.(?:py|rb|js|java|php|swift|html|go|md)\b",
    "browse": r"brows|chrome|web|tab|page|site|google|bing",
}
"""Signs looked for in the text of an event, as regular expressions on case-folded text."""


def stem(word: str) -> str:
    """The word without one common English ending, four letters kept at least."""
    for ending in _SUFFIXES:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


STOP = frozenset(_STOP.split())
VERBS = {word: kind for kind, words in _VERBS.items() for word in words.split()}
SUBJECTS: dict[str, tuple[str, ...]] = {}
for _kind, _words in _SUBJECTS.items():
    for _word in _words.split():
        SUBJECTS[_word] = (*SUBJECTS.get(_word, ()), _kind)
GENERIC = frozenset(map(stem, (*SUBJECTS, *VERBS, *_COMMON.split())))
"""Stems that say nothing about the matter in hand."""
