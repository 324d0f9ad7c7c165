import { type Bilingual, CHECK_REQUEST, type ErrorEntries, MAY_HAVE_ARRIVED } from "./entry.js";

const RAW_UTF8: Bilingual = { en: "Send raw UTF-8 text.", zh: "请直接发送 UTF-8 文本。" };

const CORRECT_FIELD: Bilingual = {
  en: "Compare the fields with WeChat's page of the endpoint; WeChat's message often names the wrong one.",
  zh: "请对照该接口的微信官方文档检查各字段；错误信息中通常会指出有误的字段。",
};

const CHECK_SIGNATURE: Bilingual = {
  en: "Compute the signature again as WeChat's page of the endpoint describes it, with the keys of this account.",
  zh: "请按该接口的微信官方文档，使用本账号的密钥重新计算签名。",
};

/** What any call may meet: success, WeChat's own trouble, and requests of a wrong form. */
export const REQUEST_ERRORS: ErrorEntries = {
  [-1]: {
    name: "system_busy",
    kind: "busy",
    retry: "later",
    meaning: { en: "WeChat is busy", zh: "微信系统繁忙" },
    remedy: MAY_HAVE_ARRIVED,
  },
  0: {
    name: "ok",
    kind: "other",
    retry: "benign",
    meaning: { en: "success", zh: "请求成功" },
    remedy: { en: "Nothing to do: WeChat accepted the call.", zh: "无需处理：微信已接受本次调用。" },
  },
  40033: {
    name: "unicode_escape_refused",
    kind: "content",
    retry: "never",
    meaning: { en: "\\uxxxx escapes are not allowed", zh: "不合法的请求字符，不能包含 \\uxxxx" },
    remedy: RAW_UTF8,
  },
  40035: {
    name: "parameter_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid parameter", zh: "不合法的参数" },
    remedy: CORRECT_FIELD,
  },
  40038: {
    name: "request_format_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid request format", zh: "不合法的请求格式" },
    remedy: CHECK_REQUEST,
  },
  40097: {
    name: "arguments_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid arguments", zh: "参数错误" },
    remedy: CORRECT_FIELD,
  },
  40101: {
    name: "parameter_missing",
    kind: "content",
    retry: "never",
    meaning: { en: "a parameter is missing", zh: "缺少参数" },
    remedy: {
      en: "Fill in every field that WeChat's page of the endpoint marks as required.",
      zh: "请补全微信官方文档中该接口的必填字段。",
    },
  },
  43001: {
    name: "get_required",
    kind: "other",
    retry: "never",
    meaning: { en: "GET required", zh: "需要 GET 请求" },
    remedy: CHECK_REQUEST,
  },
  43002: {
    name: "post_required",
    kind: "other",
    retry: "never",
    meaning: { en: "POST required", zh: "需要 POST 请求" },
    remedy: CHECK_REQUEST,
  },
  43003: {
    name: "https_required",
    kind: "other",
    retry: "never",
    meaning: { en: "HTTPS required", zh: "需要 HTTPS 请求" },
    remedy: { en: "Use an https base URL.", zh: "请使用 https 开头的 API 地址。" },
  },
  44002: {
    name: "body_empty",
    kind: "other",
    retry: "never",
    meaning: { en: "empty POST body", zh: "POST 数据包为空" },
    remedy: CHECK_REQUEST,
  },
  44005: {
    name: "list_empty",
    kind: "content",
    retry: "never",
    meaning: { en: "empty list", zh: "列表为空" },
    remedy: { en: "Put at least one item into the list.", zh: "请在列表中至少填写一项。" },
  },
  47001: {
    name: "data_format_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "WeChat could not read the data", zh: "数据格式错误，微信无法解析" },
    remedy: CHECK_REQUEST,
  },
  47002: {
    name: "unicode_escape_in_json",
    kind: "content",
    retry: "never",
    meaning: {
      en: "\\uxxxx escapes are not allowed, send UTF-8",
      zh: "请使用 UTF-8 文本，不要使用 \\uxxxx 编码",
    },
    remedy: RAW_UTF8,
  },
  47003: {
    name: "parameter_out_of_rule",
    kind: "content",
    retry: "never",
    meaning: { en: "a parameter does not meet WeChat's rule", zh: "参数值不符合限制" },
    remedy: {
      en: "WeChat's message names the field; correct it.",
      zh: "请按微信错误信息中指出的字段修改参数。",
    },
  },
  61500: {
    name: "date_format_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid date format", zh: "日期格式错误" },
    remedy: {
      en: "Write the date in the form that WeChat's page of the endpoint shows.",
      zh: "请按该接口的微信官方文档要求的格式填写日期。",
    },
  },
  63001: {
    name: "parameters_partly_empty",
    kind: "content",
    retry: "never",
    meaning: { en: "some parameters are empty", zh: "部分参数为空" },
    remedy: {
      en: "Give every parameter of the call a value that is not empty.",
      zh: "请为本次调用的每个参数填写非空值。",
    },
  },
  63002: {
    name: "signature_invalid",
    kind: "other",
    retry: "never",
    meaning: { en: "invalid signature", zh: "无效的签名" },
    remedy: CHECK_SIGNATURE,
  },
  87009: {
    name: "mini_program_signature_invalid",
    kind: "other",
    retry: "never",
    meaning: { en: "invalid signature (mini program interfaces)", zh: "无效的签名（小程序接口）" },
    remedy: CHECK_SIGNATURE,
  },
};
