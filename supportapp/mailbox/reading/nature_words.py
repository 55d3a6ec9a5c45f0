"""The words of machines, in Russian and English: subjects and first sentences of automatic mails."""

from __future__ import annotations

import re

# With these at its beginning a subject was made by a program.
AUTO_SUBJECT = re.compile(
    r"(?:auto(?:matic|mated)?[ :-]{0,3}(?:reply|response|answer|generated)|autoreply|auto:|out of (?:the )?office|ooo\b"
    r"|vacation(?=:|$)|on vacation|away from|i am (?:currently )?(?:out|away)|автоответ\w{0,4}|авто-ответ|автоматическ"
    r"(?:ий ответ|ое уведомление|ое сообщение|ое подтверждение)|вне офиса|нет на месте|отсутствую"
    r"|в отпуске|я в отпуске|отпуск(?=:|$)"
    r"|нахожусь в отпуске|read: |прочитано: |прочтено: |read receipt|уведомление о прочтении|not read: |не прочтено: "
    r"|не прочитано: )",
    re.IGNORECASE,
)
# A person could have written these, too: they count with a second sign.
AUTO_BODY = re.compile(
    r"\b(?:(?:сейчас |временно )?(?:нахожусь|буду|я) (?:в отпуске|в командировке|на больничном|вне офиса|в отгуле)"
    r"|отсутствую (?:на рабочем месте|в офисе)|буду отсутствовать|меня нет на (?:рабочем )?месте|в мо[её] отсутствие"
    r"|на время моего отсутствия|это (?:автоматический ответ|автоматическое (?:сообщение|письмо|уведомление))"
    r"|данное (?:письмо|сообщение) (?:сформировано|создано|отправлено) автоматически|ваше "
    r"(?:письмо|сообщение|обращение) (?:получено|принято|зарегистрировано)|не отвечайте на это письмо"
    r"|i am (?:currently )?(?:out of (?:the )?office|on (?:vacation|leave|holiday|a business trip)|away from)"
    r"|i(?: wi|')ll be (?:out of (?:the )?office|on (?:vacation|leave)|away)|out of (?:the )?office"
    r"|in my absence|limited access to (?:my )?e-?mail|this is an auto(?:matic|mated|-generated)?\b"
    r"|do not reply to this (?:e-?mail|message)|we have received your (?:e-?mail|message|request))",
    re.IGNORECASE,
)
BOUNCE_SUBJECT = re.compile(
    r"(?:undeliver(?:ed|able)|mail delivery (?:failed|failure|subsystem|system)|delivery (?:status notification|failure"
    r"|has failed|report|problem)|returned mail|failure notice|message (?:not delivered|undeliverable"
    r"|could not be delivered)"
    r"|mail could not be delivered|non[- ]?delivery|warning: (?:could not send|message)|delayed mail"
    r"|письмо не доставлено"
    r"|сообщение не доставлено|не ?доставлено|недоставленн?ое|невозможно доставить|ошибка доставки|доставка не удалась"
    r"|не удается доставить|не удалось доставить|отч[её]т о (?:не)?доставке|уведомление о (?:не)?доставке"
    r"|уведомление о состоянии доставки|возврат письма|возвращено)",
    re.IGNORECASE,
)
DELAY = re.compile(
    r"(?:delayed mail|delivery (?:is )?delayed|delay(?:ed)? \d{1,3} hours|has been delayed"
    r"|delivery status notification \(delay\)|still being retried|warning: (?:could not send message for past"
    r"|message \S{1,40} delayed)"
    r"|доставка (?:за|от)ложена|задержк\w{1,2} доставки|письмо (?:еще|ещё) не доставлено|задерживается)",
    re.IGNORECASE,
)
ROBOT_SENDER = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon|mdaemon|maildaemon|mailerdaemon|double-bounce)@")
NO_REPLY_SENDER = re.compile(
    r"(?:no|do-?not|not)[-._]?reply|bounces?[-+@]|^notifications?@|^robot@|^noreply", re.IGNORECASE
)
VACATION_PROGRAM = re.compile(
    r"vacation|autorespon|auto-?reply|out-?of-?office|roundcube sieve|dovecot.*vacation|mailman|majordomo|listserv"
    r"|sympa",
    re.IGNORECASE,
)
NEVER_A_PERSON = re.compile(r"^(?:mailer-daemon|mail-daemon|maildaemon|mailerdaemon|double-bounce)@")
