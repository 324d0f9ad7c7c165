import {
  addAgent,
  deleteAgent,
  inviteWorker,
  listAgents,
  listOnlineAgents,
  updateAgent,
  uploadHeadImage,
} from "./endpoints/agents.js";
import { type Endpoint, get, post, postOrGet, type Rules, upload } from "./endpoints/endpoint.js";
import { addMaterial, countMaterials, deleteMaterial, getMaterial, listMaterials } from "./endpoints/materials.js";
import { getMedia, uploadMedia } from "./endpoints/media.js";
import { customSend, customTyping } from "./endpoints/messages.js";
import { checkCallback, listAddresses } from "./endpoints/network.js";
import { clearQuota, clearQuotaBySecret, getQuota, getRid } from "./endpoints/operations.js";
import { listRecords } from "./endpoints/records.js";
import { closeSession, createSession, getSession, listSessions, listWaiting } from "./endpoints/sessions.js";
import { listTemplates, sendTemplate } from "./endpoints/templates.js";
import { classicToken, stableToken } from "./endpoints/tokens.js";
import { listTags, listUsers, updateRemark, userInfo, userInfoBatch } from "./endpoints/users.js";
import type { DailyLimit } from "./limits.js";
import { CLASSIC_TOKEN, CUSTOM_SEND, STABLE_TOKEN } from "./paths.js";

const AGENTS: Rules = { agents: true };
const FOR_ALL: Rules = { unverified: true };

/** Every endpoint this WeChat has, by path. */
export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  [CLASSIC_TOKEN, { method: "GET", daily: "classicTokensPerDay", answer: classicToken }],
  [STABLE_TOKEN, { method: "POST", daily: "stableTokensPerDay", answer: stableToken }],

  [CUSTOM_SEND, post(customSend, { daily: "customSendsPerDay" })],
  ["/cgi-bin/message/custom/typing", post(customTyping)],

  ["/cgi-bin/message/template/send", post(sendTemplate, { daily: "templateSendsPerDay" })],
  ["/cgi-bin/template/get_all_private_template", get(listTemplates)],

  ["/cgi-bin/media/upload", upload(uploadMedia, { daily: "mediaUploadsPerDay" })],
  ["/cgi-bin/media/get", get(getMedia, { daily: "mediaDownloadsPerDay" })],

  ["/cgi-bin/material/add_material", upload(addMaterial)],
  ["/cgi-bin/material/get_material", post(getMaterial)],
  ["/cgi-bin/material/del_material", post(deleteMaterial)],
  ["/cgi-bin/material/batchget_material", post(listMaterials)],
  ["/cgi-bin/material/get_materialcount", get(countMaterials)],

  ["/customservice/kfaccount/add", post(addAgent, AGENTS)],
  ["/customservice/kfaccount/update", post(updateAgent, AGENTS)],
  ["/customservice/kfaccount/del", postOrGet(deleteAgent, AGENTS)],
  ["/customservice/kfaccount/inviteworker", post(inviteWorker, AGENTS)],
  ["/customservice/kfaccount/uploadheadimg", upload(uploadHeadImage, AGENTS)],
  ["/cgi-bin/customservice/getkflist", get(listAgents, AGENTS)],
  ["/cgi-bin/customservice/getonlinekflist", get(listOnlineAgents, AGENTS)],

  ["/customservice/kfsession/create", post(createSession, AGENTS)],
  ["/customservice/kfsession/close", post(closeSession, AGENTS)],
  ["/customservice/kfsession/getsession", get(getSession, AGENTS)],
  ["/customservice/kfsession/getsessionlist", get(listSessions, AGENTS)],
  ["/customservice/kfsession/getwaitcase", get(listWaiting, AGENTS)],

  ["/customservice/msgrecord/getmsglist", post(listRecords, AGENTS)],

  ["/cgi-bin/user/info", get(userInfo, { daily: "userInfosPerDay" })],
  ["/cgi-bin/user/info/batchget", post(userInfoBatch, { daily: "userInfosPerDay" })],
  ["/cgi-bin/user/info/updateremark", post(updateRemark)],
  ["/cgi-bin/user/get", get(listUsers, { daily: "userListsPerDay" })],
  ["/cgi-bin/tags/get", get(listTags)],

  ["/cgi-bin/openapi/quota/get", post(getQuota(dailyLimitOf), FOR_ALL)],
  ["/cgi-bin/openapi/rid/get", post(getRid, FOR_ALL)],
  ["/cgi-bin/clear_quota", post(clearQuota, FOR_ALL)],
  ["/cgi-bin/clear_quota/v2", { method: "POST", answer: clearQuotaBySecret }],
  ["/cgi-bin/getcallbackip", get(listAddresses, FOR_ALL)],
  ["/cgi-bin/get_api_domain_ip", get(listAddresses, FOR_ALL)],
  ["/cgi-bin/callback/check", post(checkCallback, FOR_ALL)],
]);

function dailyLimitOf(path: string): DailyLimit | undefined {
  return ENDPOINTS.get(path)?.daily;
}

export interface ApiEndpoint {
  readonly path: string;
  readonly method: "GET" | "POST";
}

/** The endpoints, for whoever wants to compare. */
export const API_ENDPOINTS: readonly ApiEndpoint[] = [...ENDPOINTS].map(([path, { method }]) => ({ path, method }));
