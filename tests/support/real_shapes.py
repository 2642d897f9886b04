# ruff: noqa: E501 - lines of a table
"""Tables as shops, offices and forums export them, in several languages: header, content, roles.

Made up, but with the shapes of real files: names, cities, numbers, dates and states beside the text
and its kind. The texts have words of their kind in them, as real ones do.
"""

import random

NAMES = {
    "latin": ("Anna Nowak", "Piotr Zając", "Maria Silva", "Jan de Vries", "Ola Lind", "Eva Kiss",
              "Tomás Ruiz", "Ayşe Demir", "Luca Rossi", "Ida Berg", "Max Weber", "Léa Martin"),
    "cyrillic": ("Иван Петров", "Анна Смирнова", "Олег Сидоров", "Мария Козлова", "Пётр Ильин"),
    "east": ("王伟", "李娜", "张敏", "刘洋", "陈静", "山田太郎", "佐藤花子", "김민준", "이서연"),
    "arabic": ("محمد علي", "فاطمة حسن", "يوسف أحمد", "ليلى عمر"),
}  # fmt: skip
# language -> script, header (text, label, name, city, date, number, state), kinds with their words
LANGUAGES = {
    "Polish": ("latin", ("Treść", "Rodzaj", "Klient", "Miasto", "Data", "Kwota", "Stan"),
               {"zwrot": "pieniądze zwrot konto", "dostawa": "paczka kurier dostawa",
                "konto": "hasło logowanie login"}),
    "Russian": ("cyrillic", ("Сообщение", "Рубрика", "Имя", "Город", "Дата", "Сумма", "Статус"),
                {"возврат": "деньги вернуть возврат", "доставка": "посылка курьер доставка",
                 "вход": "пароль войти логин"}),
    "Turkish": ("latin", ("İleti", "Tür", "Ad", "Şehir", "Tarih", "Tutar", "Durum"),
                {"iade": "para iade geri", "kargo": "paket kargo kurye", "giriş": "şifre giriş hesap"}),
    "Hungarian": ("latin", ("Üzenet", "Fajta", "Név", "Város", "Dátum", "Összeg", "Állapot"),
                  {"csere": "pénz vissza csere", "futár": "csomag futár szállítás",
                   "fiók": "jelszó belépés fiók"}),
    "Finnish": ("latin", ("Viesti", "Luokka", "Nimi", "Paikka", "Päivä", "Summa", "Tila"),
                {"palautus": "rahat takaisin palautus", "toimitus": "paketti kuriiri toimitus",
                 "tili": "salasana kirjautuminen tili"}),
    "Chinese": ("east", ("内容", "分类", "姓名", "城市", "日期", "金额", "状态"),
                {"退款": "退款退钱账户", "快递": "包裹快递送货", "登录": "密码登录账号"}),
    "Japanese": ("east", ("本文", "種別", "氏名", "都市", "日付", "金額", "状況"),
                 {"返金": "返金お金口座", "配送": "荷物配送届く", "ログイン": "パスワード入れない画面"}),
    "Korean": ("east", ("내용", "분류", "이름", "도시", "날짜", "금액", "상태"),
               {"환불": "환불 돈 계좌", "배송": "택배 배송 도착", "로그인": "비밀번호 로그인 계정"}),
    "Arabic": ("arabic", ("الرسالة", "النوع", "الاسم", "المدينة", "التاريخ", "المبلغ", "الحالة"),
               {"استرداد": "المال استرداد حساب", "توصيل": "طرد توصيل مندوب",
                "دخول": "كلمة المرور دخول"}),
    "Greek": ("latin", ("Μήνυμα", "Είδος", "Όνομα", "Πόλη", "Ημερομηνία", "Ποσό", "Κατάσταση"),
              {"επιστροφή": "χρήματα επιστροφή πίσω", "παράδοση": "δέμα παράδοση κούριερ",
               "λογαριασμός": "κωδικός σύνδεση λογαριασμός"}),
    "Vietnamese": ("latin", ("Nội dung", "Loại", "Họ tên", "Thành phố", "Ngày", "Số tiền", "Tình trạng"),
                   {"hoàn tiền": "tiền hoàn lại", "giao hàng": "gói hàng giao",
                    "tài khoản": "mật khẩu đăng nhập"}),
    "odd": ("latin", ("F1", "F2", "F3", "F4", "F5", "F6", "F7"),
            {"7": "refund money back", "8": "parcel courier late", "9": "password login account"}),
    "German": ("latin", ("Anliegen", "Zuordnung", "Name", "Ort", "Eingang", "Betrag", "Bearbeitung"),
               {"Erstattung": "Geld zurück Erstattung", "Versand": "Paket Bote Lieferung",
                "Zugang": "Passwort anmelden Konto"}),
}  # fmt: skip
_CITIES = ("Oslo", "Lodz", "Porto", "Bursa", "Graz", "Lyon", "Pisa")
_STATES = ("nova", "mira")
_FILLING = "aa bee cii doo euu fay goy hau iel joh kap lum"


def table(language: str, *, rows: int = 240, seed: int = 0):
    """Rows as dicts, and the columns that hold the text and the label."""
    dice = random.Random(f"{language} {seed}")
    script, header, kinds = LANGUAGES[language]
    text, label, name, city, date, number, state = header
    spaced = script != "east" or language == "Korean"
    made = []
    for at in range(rows):
        kind = dice.choice(sorted(kinds))
        own = kinds[kind].split() if spaced else [kinds[kind][n : n + 2] for n in range(0, 6, 2)]
        fill = _FILLING.split() if spaced else list("我你他在是有的了")
        words = [dice.choice(own) if dice.random() < 0.35 else dice.choice(fill) for _ in range(11)]
        made.append({
            state: dice.choice(_STATES), city: dice.choice(_CITIES),
            name: dice.choice(NAMES[script]) + (f" {chr(65 + at % 26)}." if at % 3 else ""),
            date: f"2024-{1 + at % 12:02d}-{1 + at % 28:02d}", number: f"{dice.random() * 90:.2f}",
            label: kind, text: (" " if spaced else "").join(words),
        })  # fmt: skip
    return made, text, label
